#pragma once

/// The inside of a virtual charger; only its own sources include this.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ocpp/peer.hpp"
#include "ocpp/v16/composite_schedule.hpp"
#include "simulation/charger.hpp"
#include "simulation/configuration.hpp"
#include "simulation/outbox.hpp"
#include "simulation/random.hpp"
#include "simulation/trouble.hpp"

namespace tianqu::simulation {

struct Transaction {
    LocalTransaction local = 0;
    std::optional<std::int64_t> id;
    std::string tag;
    TimePoint start;
    Energy taken_before;  ///< by this car when the transaction began
    TimePoint next_sample;
    bool target_told = false;
    std::optional<ocpp::v16::ChargingProfile> profile;  ///< that a remote start brought along
};

struct Reservation {
    std::int64_t id = 0;
    std::string tag;
    std::string parent;
    TimePoint expiry;
};

/// The operator has let somebody charge here who has not come yet.
struct RemoteStart {
    std::string tag;
    TimePoint expiry;
    std::optional<ocpp::v16::ChargingProfile> profile;
};

/// Where a plugged-in car stands.
enum class Stage : std::uint8_t {
    waiting,      ///< not allowed to charge yet
    authorizing,  ///< asked the operator
    charging,     ///< in a transaction
    finished,     ///< will not charge any more
};

struct Connector {
    grid::ConnectorSpec spec;
    std::int64_t number = 1;
    std::optional<VisitSource> source;
    std::optional<Car> car;
    Visit visit;
    std::optional<std::size_t> record;  ///< of the visit, while visits are recorded
    Stage stage = Stage::waiting;
    std::optional<Transaction> transaction;
    std::optional<Reservation> reservation;
    std::optional<RemoteStart> remote;
    Energy meter;
    bool operative = true;
    std::optional<bool> operative_later;  ///< after the transaction
    ocpp::v16::ChargePointErrorCode error = ocpp::v16::ChargePointErrorCode::no_error;
    std::optional<ocpp::v16::ChargePointStatus> reported;

    [[nodiscard]] bool faulty() const { return error != ocpp::v16::ChargePointErrorCode::no_error; }
};

struct VirtualCharger::Impl {
    enum class Link : std::uint8_t { down, opening, up, closing };

    explicit Impl(ChargerOptions with);

    // Time (charger.cpp)
    void advance(TimePoint now);
    [[nodiscard]] TimePoint next_due() const;
    [[nodiscard]] TimePoint connector_due(const Connector& connector) const;
    void handle_due(TimePoint now);
    void handle_connector_due(Connector& connector, TimePoint now);
    void integrate(TimePoint until);
    void record_energy(TimePoint at, Energy energy);
    [[nodiscard]] Watts limit_of(const Connector& connector, TimePoint at) const;
    [[nodiscard]] Watts power_of(const Connector& connector, TimePoint at) const;

    // Cars (charger_cars.cpp)
    void arrive(Connector& connector, TimePoint now);
    void depart(Connector& connector, TimePoint now);
    void try_start(Connector& connector, TimePoint now);
    void try_start_all(TimePoint now);
    void start_transaction(Connector& connector, const std::string& tag, TimePoint now);
    void stop_transaction(Connector& connector, ocpp::v16::StopReason reason, TimePoint now, Stage then);
    void apply_later_availability(Connector& connector);
    void tell_target(Connector& connector);
    void begin_trouble(TimePoint now);
    void end_trouble(TimePoint now);
    void restart(TimePoint now);

    // Messages (charger_messages.cpp)
    void pump(TimePoint now);
    void handle(ocpp::v16::PeerOutput output, TimePoint now);
    void complete(const ocpp::v16::CompletedCall& call, TimePoint now);
    void complete_boot(const ocpp::v16::CompletedCall& call, TimePoint now);
    void complete_start(LocalTransaction local, const ocpp::v16::CompletedCall& call, TimePoint now);
    void complete_authorize(std::int64_t number, const ocpp::v16::CompletedCall& call, TimePoint now);
    void refresh_status(Connector& connector, TimePoint now, bool first = false);
    void refresh_all(TimePoint now, bool first = false);
    [[nodiscard]] ocpp::v16::ChargePointStatus status_of(const Connector& connector, TimePoint now) const;
    void sample(Connector& connector, ocpp::v16::ReadingContext context, TimePoint now);
    [[nodiscard]] ocpp::v16::MeterValue read_meter(const Connector& connector, ocpp::v16::ReadingContext context,
                                                   const char* list_key, TimePoint now) const;
    void link_lost(TimePoint now);
    [[nodiscard]] bool may_send() const { return link == Link::up && accepted; }

    // Commands (charger_commands.cpp)
    [[nodiscard]] ocpp::v16::Response answer(const ocpp::v16::Request& request, TimePoint now);
    [[nodiscard]] Connector* find(std::int64_t number);
    [[nodiscard]] Connector* find_transaction(std::int64_t id);

    ChargerOptions options;
    std::uint64_t name_hash;
    Random jitter;
    std::vector<Connector> connectors;
    Configuration configuration;
    ocpp::v16::CompositeSchedule profiles;
    Outbox outbox;
    std::optional<ocpp::v16::Peer> peer;
    std::map<std::string, ocpp::v16::IdTagInfo> local_list;
    std::int64_t local_list_version = 0;

    TimePoint time;  ///< up to here everything has happened
    Link link = Link::down;
    LinkWish wish = LinkWish::none;
    TimePoint reconnect_at;
    int failures = 0;
    int timeouts_in_a_row = 0;
    std::uint64_t connections = 0;
    bool powered = true;
    bool reachable = true;
    bool accepted = false;  ///< the operator took the last boot
    bool ever_accepted = false;
    TimePoint boot_at{};  ///< next BootNotification, while not accepted
    TimePoint heartbeat_at = never;
    TimePoint aligned_at = never;
    TimePoint restart_at = never;
    Trouble trouble;
    bool in_trouble = false;
    LocalTransaction last_transaction = 0;

    std::vector<std::string> frames;
    std::vector<Energy> slots;
    std::vector<VisitRecord> records;
};

}  // namespace tianqu::simulation
