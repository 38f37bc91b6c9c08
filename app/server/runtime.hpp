#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/server/event_log.hpp"
#include "app/server/links.hpp"
#include "app/server/options.hpp"
#include "charging/core.hpp"
#include "city/city.hpp"
#include "ports/clock.hpp"
#include "ports/journal.hpp"
#include "ports/views.hpp"

namespace tianqu::server {

class Planning;

/// Something a page may want to know at once.
struct Notice {
    enum class Kind { charger, session, alarm, plan, node };
    Kind kind = Kind::plan;
    std::string id;
};

/// What another module that keeps events in the same journal (access) gives: its fold and its snapshot.
class StatePart {
public:
    virtual ~StatePart() = default;
    /// True when the event's type is this part's.
    virtual bool fold(const ports::EventRecord& record) = 0;
    [[nodiscard]] virtual std::string encode() const = 0;
    virtual Status decode(std::string_view bytes) = 0;
};

struct RuntimeParts {
    boost::asio::io_context* core = nullptr;
    const ports::Clock* clock = nullptr;
    ports::Journal* journal = nullptr;
    ports::Views* views = nullptr;  ///< may be null in tests
    StatePart* access = nullptr;    ///< may be null in tests
};

/// The whole service, callable without HTTP. Everything here runs on the core thread (that of `core`), except where
/// said.
class Runtime final : private LinkOwner {
public:
    using Committed = std::function<void(Status)>;
    using Commanded = std::function<void(Result<charging::CommandAnswer>)>;
    using Observer = std::function<void(const Notice&)>;

    /// Rebuilds the state from the journal's last snapshot and later events; imports or makes the network when there is
    /// none.
    static Result<std::unique_ptr<Runtime>> open(RuntimeParts parts, const Options& options, city::City city);
    ~Runtime() override;

    /// Listens for chargers and starts to plan.
    [[nodiscard]] Status start();
    /// Closes the chargers' connections, waits for the planner and for what is not yet durable; seals a segment.
    void stop();

    [[nodiscard]] const charging::State& state() const { return state_; }
    [[nodiscard]] const charging::Settings& settings() const { return settings_; }
    [[nodiscard]] const city::City& city() const { return city_; }
    [[nodiscard]] const Options& options() const { return options_; }
    [[nodiscard]] const ports::Clock& clock() const { return *parts_.clock; }
    [[nodiscard]] TimePoint now() const { return parts_.clock->now(); }
    [[nodiscard]] const Links& links() const { return links_; }
    [[nodiscard]] websocket::GatewayCounters gateway_counters() const { return gateway_.counters(); }
    [[nodiscard]] const Planning& planning() const { return *planning_; }
    [[nodiscard]] const ports::Views* views() const { return parts_.views; }
    [[nodiscard]] const ports::Journal& journal() const { return *parts_.journal; }
    [[nodiscard]] std::uint16_t ocpp_port() const { return gateway_.port(); }
    /// The tariff in force for a kind of station, with the base prices that people entered.
    [[nodiscard]] const tariff::Tariff& tariff_of(grid::StationKind kind) const;
    /// When the first event of this journal was received: nothing is known of the time before.
    [[nodiscard]] TimePoint began() const { return began_; }
    /// Success while the journal writes.
    [[nodiscard]] const Status& health() const { return log_.health(); }

    /// Records what a `charging::…` decision gave; `committed` is called when it is durable, or with the error.
    void commit(Result<std::vector<charging::Event>> decided, Committed committed);
    /// The same for encoded events of another module.
    void commit_encoded(std::vector<ports::EventRecord> records, Committed committed);
    /// An operator's protocol message to a charger; waits for the charger's answer.
    void command(const charging::Actor& actor, const ChargerId& charger, std::string action, std::string payload,
                 Commanded commanded);
    /// Rejecting a charger closes its connection.
    void set_registration(const charging::Actor& actor, const ChargerId& charger, charging::Registration registration,
                          Committed committed);

    /// Called for every notice until the returned handle is destroyed.
    [[nodiscard]] std::shared_ptr<void> observe(Observer observer);
    /// Seals a segment with a snapshot of the state.
    [[nodiscard]] Status seal(Committed committed);

private:
    friend class Planning;

    Runtime(RuntimeParts parts, const Options& options, city::City city);
    Status restore();
    Status ensure_network();
    void fold(const ports::EventRecord& record, const charging::Event* event);
    void notify(const charging::Event& event);
    void rebuild_tariffs();
    void send_notice(const Notice& notice);
    void every_second();
    /// The journal's queue is full: the charger shall come again.
    void refuse_for_now(const ChargerId& charger);
    void schedule_second();
    [[nodiscard]] std::string snapshot() const;

    // LinkOwner
    Status admit(const ChargerId& charger, const std::string& address) override;
    void connected(const ChargerId& charger, const std::string& address, const std::string& protocol) override;
    void disconnected(const ChargerId& charger, std::string_view cause) override;
    void message(const charging::Inbound& inbound, std::function<void(const charging::Reply&)> confirm) override;

    struct Timers;

    RuntimeParts parts_;
    Options options_;
    city::City city_;
    charging::Settings settings_;
    charging::State state_;
    std::vector<tariff::Tariff> tariffs_;
    EventLog log_;
    Links links_;
    websocket::Gateway gateway_;
    std::unique_ptr<Planning> planning_;
    std::unique_ptr<Timers> timers_;
    std::vector<std::weak_ptr<Observer>> observers_;
    TimePoint began_;
    std::int64_t sealed_sequence_ = 0;
    std::int64_t seal_tried_ = 0;  ///< a failed seal is tried again only a segment later
    bool stopping_ = false;
};

}  // namespace tianqu::server
