#include "app/simulator/fleet.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include "adapters/memory/clocks.hpp"
#include "ocpp/peer.hpp"

namespace tianqu::simulator {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace v16 = ocpp::v16;
using boost::system::error_code;

/// A small central system: accepts everything, permits every session one power, counts what it hears.
class TestCentralSystem {
public:
    explicit TestCentralSystem(Watts permitted) : permitted_(permitted), acceptor_(context_, {asio::ip::tcp::v4(), 0}) {
        accept();
        thread_ = std::thread([this] { context_.run(); });
    }
    ~TestCentralSystem() {
        asio::post(context_, [this] { context_.stop(); });
        thread_.join();
    }
    [[nodiscard]] std::uint16_t port() { return acceptor_.local_endpoint().port(); }

    std::atomic<int> boots{0}, starts{0}, stops{0}, meters{0}, targets{0}, profiles_accepted{0};

private:
    struct Connection : std::enable_shared_from_this<Connection> {
        Connection(TestCentralSystem& with, asio::ip::tcp::socket socket) : system(with), stream(std::move(socket)) {}
        void run() {
            beast::http::async_read(
                stream.next_layer(), buffer, upgrade, [self = shared_from_this()](error_code error, std::size_t) {
                    if (error) return;
                    self->stream.set_option(
                        beast::websocket::stream_base::decorator([](beast::websocket::response_type& response) {
                            response.set(beast::http::field::sec_websocket_protocol, "ocpp1.6");
                        }));
                    self->stream.async_accept(self->upgrade, [self](error_code failed) {
                        if (!failed) self->read();
                    });
                });
        }
        void read() {
            stream.async_read(buffer, [self = shared_from_this()](error_code error, std::size_t) {
                if (error) return;
                const std::string text = beast::buffers_to_string(self->buffer.cdata());
                self->buffer.consume(self->buffer.size());
                self->handle(self->peer.on_frame(text, TimePoint{}));
                self->read();
            });
        }
        void handle(v16::PeerOutput output) {
            for (auto& frame : output.frames) send(std::move(frame));
            for (const auto& call : output.calls) {
                for (auto& frame : peer.answer(call.number, system.answer(*this, call.request)).frames)
                    send(std::move(frame));
            }
            for (const auto& call : output.completed) system.completed(call);
            for (auto& frame : peer.flush(TimePoint{}).frames) send(std::move(frame));
        }
        void send(std::string frame) {
            out.push_back(std::move(frame));
            if (out.size() == 1) write();
        }
        void write() {
            stream.async_write(asio::buffer(out.front()), [self = shared_from_this()](error_code error, std::size_t) {
                if (error) return;
                self->out.pop_front();
                if (!self->out.empty()) self->write();
            });
        }
        TestCentralSystem& system;
        beast::websocket::stream<asio::ip::tcp::socket> stream;
        beast::http::request<beast::http::string_body> upgrade;
        beast::flat_buffer buffer;
        std::deque<std::string> out;
        v16::Peer peer{ocpp::PeerOptions{.role = ocpp::Role::central_system, .validation = ocpp::Validation::strict}};
    };

    void accept() {
        acceptor_.async_accept([this](error_code error, asio::ip::tcp::socket socket) {
            if (error) return;
            std::make_shared<Connection>(*this, std::move(socket))->run();
            accept();
        });
    }

    v16::Response answer(Connection& connection, const v16::Request& request) {
        if (std::holds_alternative<v16::BootNotificationRequest>(request)) {
            ++boots;
            return v16::BootNotificationResponse{v16::RegistrationStatus::accepted, TimePoint{}, 300};
        }
        if (std::holds_alternative<v16::AuthorizeRequest>(request)) {
            return v16::AuthorizeResponse{{v16::AuthorizationStatus::accepted, {}, {}}};
        }
        if (const auto* start = std::get_if<v16::StartTransactionRequest>(&request)) {
            permit(connection, start->connector_id, ++starts);
            return v16::StartTransactionResponse{{v16::AuthorizationStatus::accepted, {}, {}}, starts};
        }
        if (std::holds_alternative<v16::StopTransactionRequest>(request)) {
            ++stops;
            return v16::StopTransactionResponse{};
        }
        if (std::holds_alternative<v16::MeterValuesRequest>(request)) {
            ++meters;
            return v16::MeterValuesResponse{};
        }
        if (std::holds_alternative<v16::DataTransferRequest>(request)) {
            ++targets;
            return v16::DataTransferResponse{v16::DataTransferStatus::accepted, {}};
        }
        if (std::holds_alternative<v16::HeartbeatRequest>(request)) return v16::HeartbeatResponse{TimePoint{}};
        return v16::StatusNotificationResponse{};
    }

    void permit(Connection& connection, std::int64_t connector, int transaction) {
        v16::SetChargingProfileRequest request;
        request.connector_id = connector;
        auto& profile = request.cs_charging_profiles;
        profile.charging_profile_id = 1;
        profile.transaction_id = transaction;
        profile.charging_profile_purpose = v16::ProfilePurpose::tx_profile;
        profile.charging_profile_kind = v16::ProfileKind::relative;
        profile.charging_schedule.charging_rate_unit = v16::RateUnit::watts;
        profile.charging_schedule.charging_schedule_period.push_back({0, ocpp::Decimal::whole(permitted_.count), {}});
        EXPECT_TRUE(connection.peer.call(request).has_value());
    }

    void completed(const v16::CompletedCall& call) {
        if (!call.response) return;
        const auto* response = std::get_if<v16::SetChargingProfileResponse>(&*call.response);
        if (response != nullptr && response->status == v16::ChargingProfileStatus::accepted) ++profiles_accepted;
    }

    Watts permitted_;
    asio::io_context context_{1};
    asio::ip::tcp::acceptor acceptor_;
    std::thread thread_;
};

grid::Network small_town(int chargers) {
    grid::NetworkParts parts;
    parts.origin.synthetic = true;
    grid::Node city;
    city.id = NodeId("city");
    city.kind = grid::NodeKind::city;
    city.name_zh = city.name_en = "town";
    city.limit = Watts{1'000'000};
    grid::Node station = city;
    station.id = NodeId("station");
    station.parent = city.id;
    station.kind = grid::NodeKind::station;
    station.station_kind = grid::StationKind::residential;
    parts.nodes = {city, station};
    for (int i = 0; i < chargers; ++i) {
        grid::ChargerSite site;
        site.id = ChargerId("C" + std::to_string(i));
        site.station = station.id;
        site.name = site.id.value;
        site.connectors = {{ConnectorNumber{1}, Watts{7'000}, grid::Current::ac, 1}};
        parts.chargers.push_back(site);
    }
    auto network = grid::Network::build(std::move(parts));
    EXPECT_TRUE(network.has_value()) << (network ? "" : network.error().to_string());
    return *network;
}

/// Noon of a winter's day in the city.
constexpr TimePoint noon = from_milliseconds(1'795'406'400'000 - 1'795'406'400'000 % 86'400'000 + 4 * 3'600'000);

void wait_for(const std::function<bool()>& done) {
    for (int i = 0; i < 3'000 && !done(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

TEST(Fleet, ChargesOverRealSocketsAsPermitted) {
    TestCentralSystem system(Watts{2'000});
    memory::AcceleratedClock clock(noon, 30'000);
    FleetOptions options;
    options.port = system.port();
    options.tick = std::chrono::milliseconds{5};
    options.meter_interval = Milliseconds{300'000};
    Fleet fleet(options, small_town(20), clock);
    ASSERT_TRUE(fleet.start().has_value());
    wait_for([&] { return system.stops >= 10; });
    const FleetCounts counts = fleet.counts();
    EXPECT_EQ(counts.connected, 20U);
    EXPECT_EQ(counts.connections_lost, 0U);
    fleet.stop();
    EXPECT_EQ(system.boots, 20);
    EXPECT_GE(system.stops, 10);
    EXPECT_GE(system.starts, system.stops);
    EXPECT_GT(system.meters, system.starts);
    EXPECT_GT(system.targets, 0);
    EXPECT_GT(system.profiles_accepted, 0);

    const simulation::Truth truth = fleet.truth();
    ASSERT_EQ(truth.station_slots.size(), 2U);
    simulation::Energy metered;
    for (const auto energy : truth.station_slots[1]) metered += energy;
    simulation::Energy delivered;
    for (const auto& record : truth.visits) delivered += record.delivered;
    EXPECT_GT(delivered.count, 0);
    EXPECT_EQ(metered, delivered);
}

TEST(Fleet, KeepsTryingWhileNoServerListens) {
    std::uint16_t port = 0;
    {
        const TestCentralSystem first(Watts{7'000});
        port = const_cast<TestCentralSystem&>(first).port();
    }
    memory::AcceleratedClock clock(noon, 600);
    FleetOptions options;
    options.port = port;
    Fleet fleet(options, small_town(3), clock);
    ASSERT_TRUE(fleet.start().has_value());
    wait_for([&] { return fleet.counts().frames_sent > 0 || clock.steady() > std::chrono::minutes{10}; });
    EXPECT_EQ(fleet.counts().connected, 0U);
    fleet.stop();
    fleet.stop();
}

TEST(Fleet, RefusesAHostThatDoesNotExist) {
    memory::AcceleratedClock clock(noon, 1);
    FleetOptions options;
    options.host = "no.such.host.invalid";
    Fleet fleet(options, small_town(1), clock);
    const Status started = fleet.start();
    ASSERT_FALSE(started.has_value());
    EXPECT_EQ(started.error().code, ErrorCode::unavailable);
}

}  // namespace
}  // namespace tianqu::simulator
