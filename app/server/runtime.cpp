#include "app/server/runtime.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>

#include "app/server/network_start.hpp"
#include "app/server/planning.hpp"
#include "app/server/snapshot.hpp"
#include "base/assertion.hpp"
#include "base/log.hpp"
#include "base/record.hpp"

namespace tianqu::server {

namespace {

/// Events between two snapshots: bounds how long a start takes.
constexpr std::int64_t events_per_segment = 500'000;

charging::Settings settings_of(const Options& options, const city::City& city) {
    charging::Settings settings;
    settings.offset = city.offset;
    settings.unknown_chargers = options.unknown_chargers;
    // A heartbeat serves the connection, which lives in machine time.
    const auto five_machine_seconds = Milliseconds{static_cast<std::int64_t>(5000.0 * options.speed)};
    settings.heartbeat_interval = std::max(settings.heartbeat_interval, five_machine_seconds);
    for (const auto& [kind, defaults] : city.station_defaults) {
        settings.defaults[kind] =
            charging::StationDefault{.departure_minute_of_day = defaults.departure_minute.value_or(-1),
                                     .stay = defaults.stay,
                                     .energy = defaults.target};
    }
    return settings;
}

websocket::GatewayOptions gateway_options(const Options& options) {
    websocket::GatewayOptions gateway;
    gateway.address = options.ocpp.address;
    gateway.port = options.ocpp.port;
    return gateway;
}

/// A call must have real time to travel, however fast the clock runs.
Milliseconds call_timeout(const Options& options) {
    const auto machine_two_seconds = static_cast<std::int64_t>(2000.0 * options.speed);
    return std::max(Milliseconds{30'000}, Milliseconds{machine_two_seconds});
}

}  // namespace

struct Runtime::Timers {
    explicit Timers(boost::asio::io_context& core) : second(core) {}
    boost::asio::steady_timer second;
};

Runtime::Runtime(RuntimeParts parts, const Options& options, city::City city)
    : parts_(parts),
      options_(options),
      city_(std::move(city)),
      settings_(settings_of(options, city_)),
      log_(*parts.core, *parts.journal,
           [this](const ports::EventRecord& record, const charging::Event* event) { fold(record, event); }),
      links_(*this, *parts.clock, LinkOptions{.validation = options.validation, .call_timeout = call_timeout(options)}),
      gateway_(*parts.core, gateway_options(options), links_),
      timers_(std::make_unique<Timers>(*parts.core)) {
    links_.attach(gateway_);
}

Runtime::~Runtime() = default;

Result<std::unique_ptr<Runtime>> Runtime::open(RuntimeParts parts, const Options& options, city::City city) {
    TIANQU_ASSERT(parts.core != nullptr && parts.clock != nullptr && parts.journal != nullptr);
    auto runtime = std::unique_ptr<Runtime>(new Runtime(parts, options, std::move(city)));
    if (auto restored = runtime->restore(); !restored) return std::unexpected(restored.error());
    if (auto network = runtime->ensure_network(); !network) return std::unexpected(network.error());
    runtime->rebuild_tariffs();
    runtime->planning_ = std::make_unique<Planning>(*runtime);
    return runtime;
}

Status Runtime::restore() {
    began_ = now();
    const auto first = parts_.journal->read(1, [this](const ports::EventRecord& record) {
        began_ = record.received;
        return false;
    });
    if (!first) return first;
    const auto snapshot = parts_.journal->latest_snapshot();
    if (!snapshot) return std::unexpected(snapshot.error());
    std::int64_t from = 1;
    if (*snapshot) {
        const auto record = decode_record<SnapshotRecord>((*snapshot)->bytes);
        if (!record) return std::unexpected(record.error());
        auto state = charging::decode_state(record->charging);
        if (!state) return std::unexpected(state.error());
        state_ = std::move(*state);
        if (parts_.access != nullptr) {
            if (auto decoded = parts_.access->decode(record->access); !decoded) return decoded;
        }
        from = (*snapshot)->last_sequence + 1;
        sealed_sequence_ = (*snapshot)->last_sequence;
    }
    Status folded;
    const auto read = parts_.journal->read(from, [&](const ports::EventRecord& record) {
        if (parts_.access != nullptr && parts_.access->fold(record)) return true;
        auto event = to_event(record);
        if (!event) {
            folded = std::unexpected(event.error().with("sequence", std::to_string(record.sequence)));
            return false;
        }
        charging::apply(state_, *event, record.sequence);
        return true;
    });
    return read ? folded : read;
}

Status Runtime::ensure_network() {
    if (state_.network.node_count() > 0) return {};
    auto network = first_network(options_, city_);
    if (!network) return std::unexpected(network.error());
    const charging::Actor actor{PrincipalId{"system:server"}, now(), "first start"};
    auto events = charging::import_network(state_, actor, *network);
    if (!events) return std::unexpected(events.error());
    return log_.record(std::move(*events));
}

Status Runtime::start() {
    charging::Event started{
        .principal = PrincipalId{"system:server"},
        .received = now(),
        .claimed = {},
        .reason = {},
        .body = charging::ServerStarted{.version = TIANQU_VERSION, .simulated = options_.simulated()}};
    if (auto recorded = log_.record({std::move(started)}); !recorded) return recorded;
    if (auto listening = gateway_.start(); !listening) return listening;
    planning_->start();
    schedule_second();
    return {};
}

void Runtime::stop() {
    if (stopping_) return;
    stopping_ = true;
    timers_->second.cancel();
    gateway_.stop();
    planning_->stop();
    if (log_.health() && log_.recorded() > sealed_sequence_) {
        if (auto sealed = seal({}); !sealed) {
            log_event(LogLevel::warning, "seal_failed", {{"error", sealed.error().to_string()}});
        }
    }
}

void Runtime::schedule_second() {
    const auto wait = std::max<std::chrono::nanoseconds>(parts_.clock->machine_time(std::chrono::seconds(1)),
                                                         std::chrono::milliseconds(20));
    timers_->second.expires_after(wait);
    timers_->second.async_wait([this](boost::system::error_code error) {
        if (error || stopping_) return;
        every_second();
        schedule_second();
    });
}

void Runtime::every_second() {
    links_.expire();
    auto events = charging::elapse(state_, settings_, now());
    if (!events.empty()) (void)log_.record(std::move(events));
    planning_->on_time();
    if (log_.health() && log_.recorded() - std::max(sealed_sequence_, seal_tried_) >= events_per_segment) {
        seal_tried_ = log_.recorded();
        if (auto sealed = seal({}); !sealed) {
            log_event(LogLevel::warning, "seal_failed", {{"error", sealed.error().to_string()}});
        }
    }
}

std::string Runtime::snapshot() const {
    SnapshotRecord record;
    record.charging = charging::encode_state(state_);
    if (parts_.access != nullptr) record.access = parts_.access->encode();
    return encode_record(record);
}

Status Runtime::seal(Committed committed) {
    auto done = std::make_shared<Committed>(std::move(committed));
    auto sealed = parts_.journal->seal(snapshot(), [&core = *parts_.core, done](Status status) {
        if (*done) boost::asio::post(core, [done, status] { (*done)(status); });
    });
    if (sealed) sealed_sequence_ = log_.recorded();
    return sealed;
}

// ---- events --------------------------------------------------------------------------------------------------------

void Runtime::fold(const ports::EventRecord& record, const charging::Event* event) {
    if (event == nullptr) {
        if (parts_.access != nullptr) (void)parts_.access->fold(record);
    } else {
        charging::apply(state_, *event, record.sequence);
        notify(*event);
    }
    if (parts_.views != nullptr) parts_.views->wake();
}

void Runtime::notify(const charging::Event& event) {
    const auto charger = [&](const ChargerId& id) { send_notice({Notice::Kind::charger, id.value}); };
    const auto session = [&](SessionId id) { send_notice({Notice::Kind::session, std::to_string(id.value)}); };
    std::visit(
        [&]<class Body>(const Body& body) {
            using namespace charging;
            if constexpr (std::is_same_v<Body, ChargerConnected> || std::is_same_v<Body, ChargerDisconnected> ||
                          std::is_same_v<Body, ConnectorStatusChanged> || std::is_same_v<Body, RegistrationSet> ||
                          std::is_same_v<Body, ChargerSeen>) {
                charger(body.charger);
            } else if constexpr (std::is_same_v<Body, SessionStarted> || std::is_same_v<Body, SessionEnded>) {
                charger(body.charger);
                session(body.session);
            } else if constexpr (std::is_same_v<Body, SessionTargetSet> || std::is_same_v<Body, SessionMetered>) {
                session(body.session);
            } else if constexpr (std::is_same_v<Body, AlarmRaised> || std::is_same_v<Body, AlarmCleared>) {
                send_notice({Notice::Kind::alarm, body.alarm.value});
            } else if constexpr (std::is_same_v<Body, NodeSet> || std::is_same_v<Body, TemporaryLimitSet> ||
                                 std::is_same_v<Body, TemporaryLimitCleared>) {
                send_notice({Notice::Kind::node, {}});
            } else if constexpr (std::is_same_v<Body, BasePriceSet>) {
                rebuild_tariffs();
            }
        },
        event.body);
    if (planning_) planning_->on_event(event);
}

void Runtime::rebuild_tariffs() { tariffs_ = tariffs_with_base_prices(city_, state_.base_prices); }

const tariff::Tariff& Runtime::tariff_of(grid::StationKind kind) const {
    const std::string& id = city_.tariff_of(kind).data().id;
    const auto found =
        std::find_if(tariffs_.begin(), tariffs_.end(), [&](const auto& tariff) { return tariff.data().id == id; });
    TIANQU_ASSERT(found != tariffs_.end());
    return *found;
}

std::shared_ptr<void> Runtime::observe(Observer observer) {
    auto handle = std::make_shared<Observer>(std::move(observer));
    observers_.push_back(handle);
    return handle;
}

void Runtime::send_notice(const Notice& notice) {
    std::erase_if(observers_, [](const auto& weak) { return weak.expired(); });
    for (std::size_t i = 0; i < observers_.size(); ++i) {
        if (const auto observer = observers_[i].lock()) (*observer)(notice);
    }
}

void Runtime::commit(Result<std::vector<charging::Event>> decided, Committed committed) {
    if (!decided) {
        committed(std::unexpected(decided.error()));
        return;
    }
    auto shared = std::make_shared<Committed>(std::move(committed));
    if (auto recorded = log_.record(std::move(*decided), [shared](const Status& status) { (*shared)(status); });
        !recorded) {
        (*shared)(recorded);
    }
}

void Runtime::commit_encoded(std::vector<ports::EventRecord> records, Committed committed) {
    auto shared = std::make_shared<Committed>(std::move(committed));
    if (auto recorded = log_.record_encoded(std::move(records), [shared](const Status& status) { (*shared)(status); });
        !recorded) {
        (*shared)(recorded);
    }
}

void Runtime::command(const charging::Actor& actor, const ChargerId& charger, std::string action, std::string payload,
                      Commanded commanded) {
    charging::Command command{CommandId{"c" + std::to_string(state_.next_command)},
                              charging::ProtocolCommand{charger, action, payload}};
    if (auto valid = ocpp::v16::to_request(command.body, {}, now()); !valid) {
        commanded(std::unexpected(valid.error()));
        return;
    }
    auto requested = charging::request_command(state_, actor, charger, action, payload, command.id);
    if (!requested) {
        commanded(std::unexpected(requested.error()));
        return;
    }
    if (auto recorded = log_.record(std::move(*requested)); !recorded) {
        commanded(std::unexpected(recorded.error()));
        return;
    }
    auto shared = std::make_shared<Commanded>(std::move(commanded));
    const auto answered = [this, charger, action, payload, shared](const charging::CommandAnswer& answer) {
        (void)log_.record(charging::answer_command(state_, charger, action, payload, answer, now()));
        (*shared)(answer);
    };
    if (auto sent = links_.send(command, true, answered); !sent) (*shared)(std::unexpected(sent.error()));
}

void Runtime::set_registration(const charging::Actor& actor, const ChargerId& charger,
                               charging::Registration registration, Committed committed) {
    auto decided = charging::set_registration(state_, actor, charger, registration);
    const bool closes = decided.has_value();
    commit(std::move(decided),
           [this, charger, registration, closes, committed = std::move(committed)](const Status& status) {
               // A held charger learns of its approval from the answer to its next boot notification: a new connection
               // asks at once.
               if (closes && status && registration == charging::Registration::rejected)
                   links_.disconnect(charger, "rejected");
               if (closes && status && registration == charging::Registration::approved) planning_->approved(charger);
               committed(status);
           });
}

// ---- chargers ------------------------------------------------------------------------------------------------------

Status Runtime::admit(const ChargerId& charger, const std::string& address) {
    if (options_.simulated() && options_.speed != 1 && !state_.network.find_charger(charger)) {
        return fail(Error{ErrorCode::forbidden,
                          "this server runs a virtual city on an accelerated clock; real chargers need `tianqu serve` "
                          "without --fleet",
                          {{"charger", charger.value}}});
    }
    const auto events = charging::connect(state_, settings_, {charger, address, "ocpp1.6", now()});
    if (!events) return std::unexpected(events.error());
    return log_.health();
}

void Runtime::connected(const ChargerId& charger, const std::string& address, const std::string& protocol) {
    auto events = charging::connect(state_, settings_, {charger, address, protocol, now()});
    if (!events || !log_.record(std::move(*events))) links_.disconnect(charger, "not admitted");
}

void Runtime::disconnected(const ChargerId& charger, std::string_view cause) {
    (void)log_.record(charging::disconnect(state_, charger, std::string(cause), now()));
}

void Runtime::message(const charging::Inbound& inbound, std::function<void(const charging::Reply&)> confirm) {
    auto outcome = charging::decide(state_, settings_, inbound);
    if (!outcome.confirm_when_durable) {
        // What leaves no trace (a heartbeat) is answered even when nothing can be written any more.
        if (outcome.events.empty() || log_.record(std::move(outcome.events))) {
            confirm(outcome.reply);
        } else {
            refuse_for_now(inbound.charger);
        }
        return;
    }
    auto reply = std::make_shared<charging::Reply>(std::move(outcome.reply));
    // Without a confirmation the charger keeps the message and sends it again.
    const auto recorded =
        log_.record(std::move(outcome.events), [reply, confirm = std::move(confirm)](const Status& status) {
            if (status) confirm(*reply);
        });
    if (!recorded) refuse_for_now(inbound.charger);
}

void Runtime::refuse_for_now(const ChargerId& charger) {
    // A call left open would take one of the charger's places for ever; connected anew it starts with all of them.
    if (log_.health()) links_.disconnect(charger, "journal busy");
}

}  // namespace tianqu::server
