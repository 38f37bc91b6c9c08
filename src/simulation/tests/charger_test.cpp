#include "simulation/charger.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "ocpp/peer.hpp"

namespace tianqu::simulation {
namespace {

namespace v16 = ocpp::v16;
using std::chrono::hours;
using std::chrono::minutes;

TimePoint noon() { return *parse_time("2026-11-23T04:00:00Z"); }

ChargerOptions home_charger() {
    ChargerOptions options;
    options.site.id = ChargerId("HOME-1");
    options.site.name = "HOME-1";
    options.site.connectors = {{ConnectorNumber{1}, Watts{7'000}, grid::Current::ac, 1}};
    options.kind = grid::StationKind::residential;
    options.visits.offset = UtcOffset{minutes{480}};
    options.visits.untold_permille = 0;
    options.start = noon();
    return options;
}

/// A charger and the operator's end of its connection in one time, without sockets.
class Bench {
public:
    explicit Bench(ChargerOptions options) : charger(std::move(options)), now(charger_start(charger)) {}

    /// Time passes in small steps; what one side sends the other hears at once.
    void run_until(TimePoint until) {
        while (now < until) {
            now = std::min(until, std::max(charger.next_due(), now + Milliseconds{1'000}));
            charger.advance(now);
            exchange();
        }
    }
    bool run_until(const std::function<bool()>& done, Milliseconds patience = hours{48}) {
        const TimePoint until = now + patience;
        while (!done() && now < until) run_until(now + Milliseconds{10'000});
        return done();
    }
    v16::Response ask(v16::Request request) {
        EXPECT_TRUE(server->call(std::move(request)).has_value());
        answer_to_us.reset();
        deliver(server->flush(now));
        exchange();
        EXPECT_TRUE(answer_to_us.has_value());
        return answer_to_us.value_or(v16::Response{});
    }
    void cut() {
        reachable = false;
        server.reset();
        charger.disconnected(now);
        exchange();
    }
    template <class Message>
    std::vector<Message> heard_of() const {
        std::vector<Message> result;
        for (const auto& request : heard) {
            if (const auto* message = std::get_if<Message>(&request)) result.push_back(*message);
        }
        return result;
    }

    VirtualCharger charger;
    TimePoint now;
    bool reachable = true;
    bool silent = false;  ///< the operator hears but does not answer
    int errors_left = 0;  ///< so many transactional calls are answered with a CALLERROR
    v16::RegistrationStatus registration = v16::RegistrationStatus::accepted;
    v16::AuthorizationStatus authorization = v16::AuthorizationStatus::accepted;
    std::vector<v16::Request> heard;
    std::optional<v16::Peer> server;

private:
    static TimePoint charger_start(const VirtualCharger& charger) { return charger.next_due(); }

    void exchange() {
        for (bool busy = true; busy;) {
            busy = false;
            const LinkWish wish = charger.take_link_wish();
            if (wish == LinkWish::close) {
                server.reset();
                charger.disconnected(now);
                busy = true;
            }
            if (wish == LinkWish::open) {
                busy = true;
                if (reachable) {
                    server.emplace(
                        ocpp::PeerOptions{.role = ocpp::Role::central_system, .validation = ocpp::Validation::strict});
                    charger.connected(now);
                } else {
                    charger.disconnected(now);
                }
            }
            for (const std::string& frame : charger.take_frames()) {
                busy = true;
                if (server) deliver(server->on_frame(frame, now));
            }
        }
    }
    void deliver(v16::PeerOutput output) {
        EXPECT_TRUE(output.refused.empty());
        for (const auto& call : output.calls) {
            heard.push_back(call.request);
            if (silent) continue;
            const bool transactional =
                call.request.index() == static_cast<std::size_t>(v16::Action::start_transaction) ||
                call.request.index() == static_cast<std::size_t>(v16::Action::stop_transaction);
            if (transactional && errors_left > 0) {
                --errors_left;
                send(server->refuse(call.number, ocpp::CallErrorCode::internal_error, "later"));
            } else {
                send(server->answer(call.number, answer(call.request)));
            }
        }
        for (auto& call : output.completed) answer_to_us = call.response;
        send(std::move(output));
    }
    void send(const v16::PeerOutput& output) {
        for (const std::string& frame : output.frames) charger.received(frame, now);
    }
    v16::Response answer(const v16::Request& request) {
        const v16::IdTagInfo info{authorization, {}, {}};
        if (std::holds_alternative<v16::BootNotificationRequest>(request)) {
            return v16::BootNotificationResponse{registration, now, 300};
        }
        if (std::holds_alternative<v16::AuthorizeRequest>(request)) return v16::AuthorizeResponse{info};
        if (std::holds_alternative<v16::StartTransactionRequest>(request)) {
            return v16::StartTransactionResponse{info, ++transactions};
        }
        if (std::holds_alternative<v16::StopTransactionRequest>(request)) return v16::StopTransactionResponse{};
        if (std::holds_alternative<v16::MeterValuesRequest>(request)) return v16::MeterValuesResponse{};
        if (std::holds_alternative<v16::HeartbeatRequest>(request)) return v16::HeartbeatResponse{now};
        if (std::holds_alternative<v16::DataTransferRequest>(request)) {
            return v16::DataTransferResponse{v16::DataTransferStatus::accepted, {}};
        }
        return v16::StatusNotificationResponse{};
    }

    std::optional<v16::Response> answer_to_us;
    std::int64_t transactions = 100;
};

v16::SetChargingProfileRequest permit(std::int64_t transaction, std::int64_t watts) {
    v16::SetChargingProfileRequest request;
    request.connector_id = 1;
    auto& profile = request.cs_charging_profiles;
    profile.charging_profile_id = 7;
    profile.transaction_id = transaction;
    profile.charging_profile_purpose = v16::ProfilePurpose::tx_profile;
    profile.charging_profile_kind = v16::ProfileKind::relative;
    profile.charging_schedule.charging_schedule_period.push_back({0, ocpp::Decimal::whole(watts), {}});
    return request;
}

TEST(VirtualCharger, BootsReportsAuthorizesStartsMetersAndStops) {
    Bench bench(home_charger());
    ASSERT_TRUE(bench.run_until([&] { return !bench.heard_of<v16::StopTransactionRequest>().empty(); }));
    ASSERT_TRUE(std::holds_alternative<v16::BootNotificationRequest>(bench.heard[0]));
    const auto statuses = bench.heard_of<v16::StatusNotificationRequest>();
    ASSERT_GE(statuses.size(), 3U);
    EXPECT_EQ(statuses[0].status, v16::ChargePointStatus::available);
    EXPECT_EQ(statuses[1].status, v16::ChargePointStatus::preparing);
    EXPECT_EQ(statuses[2].status, v16::ChargePointStatus::charging);

    const auto records = bench.charger.visits();
    ASSERT_FALSE(records.empty());
    const auto start = bench.heard_of<v16::StartTransactionRequest>().at(0);
    const auto stop = bench.heard_of<v16::StopTransactionRequest>().at(0);
    EXPECT_EQ(start.timestamp.time, records[0].visit.arrival);
    EXPECT_EQ(start.id_tag, records[0].visit.token);
    EXPECT_EQ(stop.timestamp.time, records[0].visit.departure);
    EXPECT_EQ(stop.transaction_id, 101);
    EXPECT_EQ(stop.reason, v16::StopReason::ev_disconnected);
    EXPECT_TRUE(records[0].departed);
    EXPECT_EQ(records[0].delivered, to_energy(records[0].visit.asked));
    // Both ends of the meter are cut to whole watt-hours.
    EXPECT_NEAR(static_cast<double>(stop.meter_stop - start.meter_start),
                static_cast<double>(records[0].visit.asked.count), 1);

    const auto targets = bench.heard_of<v16::DataTransferRequest>();
    ASSERT_EQ(targets.size(), 1U);
    EXPECT_EQ(targets[0].vendor_id, "tianqu");
    EXPECT_EQ(targets[0].message_id, "DriverTarget");
    EXPECT_EQ(*targets[0].data, "{\"transactionId\":101,\"departure\":\"" + format_time(records[0].visit.departure) +
                                    "\",\"energyWh\":" + std::to_string(records[0].visit.asked.count) +
                                    ",\"chargeNow\":" + (records[0].visit.charge_now ? "true" : "false") + "}");

    const auto meters = bench.heard_of<v16::MeterValuesRequest>();
    const auto stay = records[0].visit.departure - records[0].visit.arrival;
    EXPECT_NEAR(static_cast<double>(meters.size()), static_cast<double>(stay / minutes{1}), 1);
    EXPECT_EQ(meters[0].transaction_id, 101);
    EXPECT_EQ(meters[0].meter_value.at(0).timestamp.time, start.timestamp.time + minutes{1});
}

TEST(VirtualCharger, ObeysAProfileFromTheMomentItHearsIt) {
    Bench bench(home_charger());
    ASSERT_TRUE(bench.run_until([&] { return bench.heard_of<v16::DataTransferRequest>().size() == 1; }));
    bench.run_until(bench.now + minutes{5});
    const Energy before = bench.charger.visits()[0].delivered;
    EXPECT_EQ(std::get<v16::SetChargingProfileResponse>(bench.ask(permit(101, 2'000))).status,
              v16::ChargingProfileStatus::accepted);
    EXPECT_EQ(bench.charger.counts(bench.now).power, Watts{2'000});
    bench.run_until(bench.now + minutes{15});
    EXPECT_EQ(bench.charger.visits()[0].delivered - before, energy_of(Watts{2'000}, minutes{15}));
    bench.ask(permit(101, 1'000));  // below 6 A the car pauses
    EXPECT_EQ(bench.charger.counts(bench.now).power, Watts{0});
    EXPECT_EQ(bench.heard_of<v16::StatusNotificationRequest>().back().status, v16::ChargePointStatus::suspended_evse);
}

TEST(VirtualCharger, QueuesWhileOfflineAndSendsInOrderWithOriginalTimes) {
    Bench bench(home_charger());
    ASSERT_TRUE(bench.run_until([&] { return bench.heard_of<v16::DataTransferRequest>().size() == 1; }));
    bench.cut();
    const TimePoint departure = bench.charger.visits()[0].visit.departure;
    bench.heard.clear();
    bench.run_until(departure + minutes{30});
    EXPECT_TRUE(bench.heard.empty());
    EXPECT_GT(bench.charger.counts(bench.now).waiting, 60U);
    bench.reachable = true;
    ASSERT_TRUE(bench.run_until([&] { return bench.charger.counts(bench.now).waiting == 0; }));
    EXPECT_TRUE(bench.heard_of<v16::BootNotificationRequest>().empty());

    const auto stops = bench.heard_of<v16::StopTransactionRequest>();
    ASSERT_EQ(stops.size(), 1U);
    EXPECT_EQ(stops[0].timestamp.time, departure);
    EXPECT_EQ(stops[0].transaction_id, 101);
    TimePoint last{};
    for (const auto& meter : bench.heard_of<v16::MeterValuesRequest>()) {
        EXPECT_GT(meter.meter_value.at(0).timestamp.time, last);
        last = meter.meter_value.at(0).timestamp.time;
        EXPECT_EQ(meter.transaction_id, 101);
    }
    EXPECT_LT(last, departure);
    EXPECT_EQ(bench.charger.counts(bench.now).dropped, 0U);
}

TEST(VirtualCharger, ATransactionStartedOfflineGetsItsIdLater) {
    Bench bench(home_charger());
    bench.run_until(noon() + minutes{1});
    bench.cut();
    bench.heard.clear();
    ASSERT_TRUE(bench.run_until([&] { return !bench.charger.visits().empty() && bench.charger.visits()[0].departed; }));
    bench.reachable = true;
    ASSERT_TRUE(bench.run_until([&] { return bench.charger.counts(bench.now).waiting == 0; }));
    EXPECT_EQ(bench.heard_of<v16::StartTransactionRequest>().size(), 1U);
    for (const auto& meter : bench.heard_of<v16::MeterValuesRequest>()) EXPECT_EQ(meter.transaction_id, 101);
    EXPECT_EQ(bench.heard_of<v16::StopTransactionRequest>().at(0).transaction_id, 101);
}

TEST(VirtualCharger, RepeatsTheSameMessageUntilItIsAnswered) {
    Bench bench(home_charger());
    bench.errors_left = 2;
    ASSERT_TRUE(bench.run_until([&] { return !bench.heard_of<v16::StopTransactionRequest>().empty(); }));
    const auto starts = bench.heard_of<v16::StartTransactionRequest>();
    ASSERT_EQ(starts.size(), 3U);
    EXPECT_EQ(starts[0], starts[1]);
    EXPECT_EQ(starts[1], starts[2]);
    EXPECT_EQ(bench.charger.counts(bench.now).dropped, 0U);
}

TEST(VirtualCharger, ReconnectsAndRepeatsWhenNobodyAnswers) {
    Bench bench(home_charger());
    bench.run_until(noon() + minutes{1});
    bench.silent = true;
    ASSERT_TRUE(bench.run_until([&] { return bench.heard_of<v16::StartTransactionRequest>().size() >= 2; }));
    const auto starts = bench.heard_of<v16::StartTransactionRequest>();
    EXPECT_EQ(starts[0], starts[1]);
    bench.silent = false;
    ASSERT_TRUE(bench.run_until([&] { return !bench.heard_of<v16::StopTransactionRequest>().empty(); }));
    EXPECT_EQ(bench.charger.counts(bench.now).dropped, 0U);
}

TEST(VirtualCharger, WaitsUntilItsBootIsAccepted) {
    Bench bench(home_charger());
    bench.registration = v16::RegistrationStatus::pending;
    bench.run_until(noon() + hours{10});
    EXPECT_EQ(bench.heard_of<v16::BootNotificationRequest>().size(), bench.heard.size());
    EXPECT_NEAR(static_cast<double>(bench.heard.size()), 120, 2);
    bench.registration = v16::RegistrationStatus::accepted;
    bench.run_until(noon() + hours{10} + minutes{10});
    EXPECT_EQ(bench.heard_of<v16::StartTransactionRequest>().size(), 1U);
}

TEST(VirtualCharger, ABlockedDriverGetsNothing) {
    Bench bench(home_charger());
    bench.authorization = v16::AuthorizationStatus::blocked;
    ASSERT_TRUE(bench.run_until([&] { return !bench.charger.visits().empty() && bench.charger.visits()[0].departed; }));
    EXPECT_TRUE(bench.heard_of<v16::StartTransactionRequest>().empty());
    EXPECT_EQ(bench.charger.visits()[0].delivered, Energy{0});
}

TEST(VirtualCharger, AnswersTheOperatorsCommands) {
    Bench bench(home_charger());
    ASSERT_TRUE(bench.run_until([&] { return bench.heard_of<v16::DataTransferRequest>().size() == 1; }));
    v16::GetConfigurationRequest keys;
    keys.key = {{"ChargingScheduleAllowedChargingRateUnit", "NoSuchKey"}};
    const auto configuration = std::get<v16::GetConfigurationResponse>(bench.ask(keys));
    EXPECT_EQ(configuration.configuration_key->at(0).value, "Current,Power");
    EXPECT_EQ(configuration.unknown_key->at(0), "NoSuchKey");
    const auto change = [&](const char* key, const char* value) {
        return std::get<v16::ChangeConfigurationResponse>(bench.ask(v16::ChangeConfigurationRequest{key, value}))
            .status;
    };
    EXPECT_EQ(change("MeterValueSampleInterval", "600"), v16::ConfigurationStatus::accepted);
    EXPECT_EQ(change("MeterValueSampleInterval", "often"), v16::ConfigurationStatus::rejected);
    EXPECT_EQ(change("NumberOfConnectors", "9"), v16::ConfigurationStatus::rejected);
    EXPECT_EQ(change("NoSuchKey", "1"), v16::ConfigurationStatus::not_supported);

    bench.ask(permit(101, 3'000));
    const auto composite = std::get<v16::GetCompositeScheduleResponse>(
        bench.ask(v16::GetCompositeScheduleRequest{1, 3'600, v16::RateUnit::watts}));
    EXPECT_EQ(composite.status, v16::AcceptedRejected::accepted);
    EXPECT_EQ(composite.charging_schedule->charging_schedule_period.at(0).limit, ocpp::Decimal::whole(3'000));
    EXPECT_EQ(std::get<v16::ClearChargingProfileResponse>(bench.ask(v16::ClearChargingProfileRequest{.id = 7})).status,
              v16::ClearChargingProfileStatus::accepted);
    EXPECT_EQ(bench.charger.counts(bench.now).power, Watts{7'000});

    const auto count = bench.heard_of<v16::StatusNotificationRequest>().size();
    bench.ask(v16::TriggerMessageRequest{v16::MessageTrigger::status_notification, 1});
    EXPECT_EQ(bench.heard_of<v16::StatusNotificationRequest>().size(), count + 1);
    EXPECT_EQ(std::get<v16::ChangeAvailabilityResponse>(
                  bench.ask(v16::ChangeAvailabilityRequest{1, v16::AvailabilityType::inoperative}))
                  .status,
              v16::AvailabilityStatus::scheduled);
    EXPECT_EQ(std::get<v16::RemoteStopTransactionResponse>(bench.ask(v16::RemoteStopTransactionRequest{999})).status,
              v16::AcceptedRejected::rejected);
    EXPECT_EQ(std::get<v16::RemoteStopTransactionResponse>(bench.ask(v16::RemoteStopTransactionRequest{101})).status,
              v16::AcceptedRejected::accepted);
    EXPECT_EQ(bench.heard_of<v16::StopTransactionRequest>().at(0).reason, v16::StopReason::remote);
    EXPECT_EQ(bench.heard_of<v16::StatusNotificationRequest>().back().status, v16::ChargePointStatus::unavailable);
}

TEST(VirtualCharger, KeepsAReservationAndAListAndRestarts) {
    Bench bench(home_charger());
    bench.run_until(noon() + minutes{1});
    const v16::ReserveNowRequest reserve{1, noon() + minutes{5}, "GUEST", {}, 4};
    EXPECT_EQ(std::get<v16::ReserveNowResponse>(bench.ask(reserve)).status, v16::ReservationStatus::accepted);
    EXPECT_EQ(bench.heard_of<v16::StatusNotificationRequest>().back().status, v16::ChargePointStatus::reserved);
    bench.run_until(noon() + minutes{6});
    EXPECT_EQ(bench.heard_of<v16::StatusNotificationRequest>().back().status, v16::ChargePointStatus::available);
    EXPECT_EQ(std::get<v16::CancelReservationResponse>(bench.ask(v16::CancelReservationRequest{4})).status,
              v16::AcceptedRejected::rejected);

    v16::SendLocalListRequest list{3, std::vector<v16::AuthorizationData>{{"A", v16::IdTagInfo{}}},
                                   v16::UpdateType::full};
    EXPECT_EQ(std::get<v16::SendLocalListResponse>(bench.ask(list)).status, v16::UpdateStatus::accepted);
    list.update_type = v16::UpdateType::differential;
    EXPECT_EQ(std::get<v16::SendLocalListResponse>(bench.ask(list)).status, v16::UpdateStatus::version_mismatch);
    EXPECT_EQ(std::get<v16::GetLocalListVersionResponse>(bench.ask(v16::GetLocalListVersionRequest{})).list_version, 3);

    EXPECT_EQ(std::get<v16::ResetResponse>(bench.ask(v16::ResetRequest{v16::ResetType::hard})).status,
              v16::AcceptedRejected::accepted);
    bench.run_until(bench.now + minutes{2});
    EXPECT_EQ(bench.heard_of<v16::BootNotificationRequest>().size(), 2U);
}

TEST(VirtualCharger, LivesThroughTroubleWithoutLosingAMessage) {
    ChargerOptions options = home_charger();
    options.trouble_permille = 1'000;
    Bench bench(options);
    bench.run_until(noon() + hours{24 * 20});
    ASSERT_TRUE(bench.run_until([&] { return bench.charger.counts(bench.now).waiting == 0; }, hours{24}));
    EXPECT_EQ(bench.charger.counts(bench.now).dropped, 0U);
    EXPECT_EQ(bench.charger.counts(bench.now).plugged == 0, bench.heard_of<v16::StartTransactionRequest>().size() ==
                                                                bench.heard_of<v16::StopTransactionRequest>().size());
    bool faulted = false;
    for (const auto& status : bench.heard_of<v16::StatusNotificationRequest>()) {
        faulted |= status.status == v16::ChargePointStatus::faulted;
    }
    EXPECT_TRUE(faulted);
    Energy metered;
    for (const Energy energy : bench.charger.slots()) metered += energy;
    Energy delivered;
    for (const auto& record : bench.charger.visits()) {
        delivered += record.delivered;
        EXPECT_LE(record.delivered, to_energy(record.visit.asked));
    }
    EXPECT_EQ(metered, delivered);
}

}  // namespace
}  // namespace tianqu::simulation
