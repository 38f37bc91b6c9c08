#include "adapters/sqlite/views_projection.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "charging/core.hpp"
#include "charging/sessions.hpp"

namespace tianqu::sqlite {

namespace {

constexpr Milliseconds quarter_hour{std::chrono::minutes{15}};
/// Deeper than any grid; a guard against a loop in loose data.
constexpr int max_depth = 32;

/// 10¹² kWh: no meter shows more, and sums of such numbers still fit. Only a damaged file holds larger ones.
constexpr std::int64_t largest_register = 1'000'000'000'000'000;
/// Longer than any session between two readings.
constexpr Milliseconds longest_stretch{std::chrono::days{400}};

bool possible(WattHours reading) { return reading.count >= -largest_register && reading.count <= largest_register; }

bool decided_by_person(const PrincipalId& principal) {
    return principal.value.starts_with("user:") || principal.value.starts_with("key:");
}

void add_flags(std::vector<std::string>& flags, const std::vector<std::string>& more) {
    for (const auto& flag : more) {
        if (!charging::has_flag(flags, flag)) flags.push_back(flag);
    }
}

bool still_gains(const ports::SessionView& session) {
    return !session.ended || session.end_reason == charging::no_stop_received;
}

}  // namespace

void spread_energy(WattHours energy, TimePoint from, TimePoint until,
                   const std::function<void(TimePoint, WattHours)>& add) {
    if (energy.count == 0) return;
    if (until <= from || until - from > longest_stretch) {
        add(slot_start(until, quarter_hour), energy);
        return;
    }
    const auto total = (until - from).count();
    WattHours given;
    for (auto slot = slot_start(from, quarter_hour); slot < until; slot += quarter_hour) {
        const auto end = std::min(slot + quarter_hour, until);
        const WattHours so_far{multiply_divide(energy.count, (end - from).count(), total)};
        if (so_far != given) add(slot, so_far - given);
        given = so_far;
    }
}

/// One function for each event that the tables show.
struct Projection::Visitor {
    Projection& self;
    const ports::EventRecord& record;

    template <class Body>
    Status operator()(const Body&) const {
        return {};
    }

    Status operator()(const charging::SessionStarted& started) const {
        ports::SessionView session{.id = started.session, .charger = started.charger, .connector = started.connector};
        const auto station = self.topology_.stations.find(started.charger);
        if (station != self.topology_.stations.end()) session.station = station->second;
        session.token = started.token;
        session.verdict = enum_name(started.verdict);
        session.claimed_start = record.claimed;
        session.received_start = record.received;
        session.started = started.corrected;
        if (possible(started.meter_start)) session.meter_start = started.meter_start;
        session.last_register = session.meter_start;
        session.last_metered = started.corrected;
        session.flags = started.flags;
        self.sessions_.insert_or_assign(started.session, std::move(session));
        self.touch(started.session);
        return {};
    }

    /// Runs `change` on the session if there is one.
    template <class Change>
    Status change(SessionId id, Change change_session) const {
        const auto session = self.find(id);
        if (!session) return fail(session.error());
        if (*session == nullptr) return {};
        change_session(**session);
        self.touch(id);
        return {};
    }

    Status operator()(const charging::SessionMetered& metered) const {
        return change(metered.session, [&](ports::SessionView& session) {
            add_flags(session.flags, metered.flags);
            const bool counts = still_gains(session) && !charging::has_flag(metered.flags, charging::flag_implausible);
            self.add_samples(record, session, metered.samples, counts);
            if (counts && session.ended) session.meter_stop = session.meter_start + session.energy;
        });
    }

    Status operator()(const charging::SessionEnded& ended) const {
        return change(ended.session, [&](ports::SessionView& session) {
            self.add_samples(record, session, ended.samples, false);
            session.claimed_end = record.claimed;
            session.received_end = record.received;
            session.ended = ended.corrected;
            session.meter_stop = ended.meter_stop;
            session.end_reason = ended.reason;
            add_flags(session.flags, ended.flags);
            if (ended.meter_stop < session.meter_start || !possible(ended.meter_stop)) return;
            // The stop's register is the last word, also when it is below a reading that came before it.
            const auto rest = ended.meter_stop - session.meter_start - session.energy;
            const auto from = rest.count > 0 ? session.last_metered : ended.corrected;
            self.add_energy(session, rest, from, ended.corrected);
            session.energy += rest;
            session.last_register = ended.meter_stop;
            session.last_metered = std::max(session.last_metered, ended.corrected);
        });
    }

    Status operator()(const charging::SessionTargetSet& target) const {
        return change(target.session, [&](ports::SessionView& session) {
            if (session.ended) return;
            session.departure = target.departure;
            session.target = target.energy;
            session.charge_now = target.charge_now;
            session.target_by_default = target.by_default;
        });
    }

    Status operator()(const charging::ShortfallForeseen& foreseen) const {
        return change(foreseen.session, [&](ports::SessionView& session) {
            if (!session.ended) session.shortfall = foreseen.shortfall;
        });
    }

    Status operator()(const charging::MessageFlagged& message) const {
        self.changes_.flagged.push_back({.sequence = record.sequence,
                                         .at = record.received,
                                         .charger = message.charger,
                                         .action = message.action,
                                         .flags = message.flags,
                                         .raw = message.raw});
        return {};
    }

    Status operator()(const charging::UnknownStop& stop) const {
        self.changes_.flagged.push_back({.sequence = record.sequence,
                                         .at = record.received,
                                         .charger = stop.charger,
                                         .action = "StopTransaction",
                                         .flags = {"unknown_transaction"},
                                         .raw = to_json(stop)});
        return {};
    }

    Status operator()(const charging::NodeMetered& metered) const {
        self.changes_.telemetry.emplace_back(metered.node,
                                             ports::TelemetryView{.at = metered.at, .power = metered.power});
        return {};
    }

    Status operator()(const charging::AlarmRaised& raised) const {
        ports::AlarmView alarm{
            .sequence = record.sequence, .alarm = raised.alarm, .kind = raised.kind, .node = raised.node};
        alarm.charger = raised.charger;
        alarm.text_zh = raised.text_zh;
        alarm.text_en = raised.text_en;
        alarm.raised = record.received;
        self.changes_.alarms.push_back({.alarm = std::move(alarm), .raised = true});
        return {};
    }

    Status operator()(const charging::AlarmCleared& cleared) const {
        ports::AlarmView alarm{.alarm = cleared.alarm};
        alarm.cleared = record.received;
        self.changes_.alarms.push_back({.alarm = std::move(alarm), .raised = false});
        return {};
    }

    Status operator()(const charging::NodeSet& set) const {
        set_node(set.node);
        return {};
    }
    Status operator()(const charging::NodeRemoved& removed) const {
        self.topology_.parents.erase(removed.node);
        self.changes_.nodes[removed.node] = std::nullopt;
        return {};
    }
    Status operator()(const charging::ChargerPlaced& placed) const {
        set_site(placed.site);
        return {};
    }
    Status operator()(const charging::ChargerRemoved& removed) const {
        self.topology_.stations.erase(removed.charger);
        self.changes_.sites[removed.charger] = std::nullopt;
        return {};
    }
    Status operator()(const charging::NetworkImported& imported) const {
        self.topology_ = {};
        self.changes_.topology_replaced = true;
        self.changes_.nodes.clear();
        self.changes_.sites.clear();
        for (const auto& node : imported.parts.nodes) set_node(node);
        for (const auto& site : imported.parts.chargers) set_site(site);
        return {};
    }

    void set_node(const grid::Node& node) const {
        self.topology_.parents[node.id] = node.parent;
        self.changes_.nodes[node.id] = node.parent;
    }
    void set_site(const grid::ChargerSite& site) const {
        self.topology_.stations[site.id] = site.station;
        self.changes_.sites[site.id] = site.station;
    }
};

Status Projection::take(const ports::EventRecord& record) {
    changes_.last_sequence = record.sequence;
    if (decided_by_person(record.principal)) {
        changes_.audit.push_back({.sequence = record.sequence,
                                  .at = record.received,
                                  .principal = record.principal,
                                  .reason = record.reason,
                                  .type = record.type,
                                  .payload = record.payload});
    }
    if (charging::event_name(record.type).empty()) return {};
    const auto body = charging::decode_body(record.type, record.payload);
    if (!body) {
        log_event(LogLevel::error, "view_event_undecodable",
                  {{"sequence", std::to_string(record.sequence)}, {"error", body.error().to_string()}});
        return {};
    }
    return std::visit(Visitor{*this, record}, *body);
}

ViewChanges Projection::take_changes() {
    for (const auto id : touched_) {
        const auto found = sessions_.find(id);
        changes_.sessions.emplace(id, found->second);
        // An ended session is seldom heard of again; the tables have it then.
        if (found->second.ended) sessions_.erase(found);
    }
    touched_.clear();
    return std::exchange(changes_, {});
}

Result<ports::SessionView*> Projection::find(SessionId id) {
    if (const auto found = sessions_.find(id); found != sessions_.end()) return &found->second;
    auto stored = source_(id);
    if (!stored) return fail(stored.error());
    if (!*stored) return nullptr;
    return &sessions_.insert_or_assign(id, std::move(**stored)).first->second;
}

void Projection::add_samples(const ports::EventRecord& record, ports::SessionView& session,
                             const std::vector<charging::MeterSample>& samples, bool count_registers) {
    for (const auto& sample : samples) {
        const auto at = charging::corrected_time(sample.claimed, record.received).time;
        if (sample.energy_register && count_registers) count_register(session, *sample.energy_register, at);
        if (!sample.energy_register && !sample.power) continue;
        changes_.samples.emplace_back(
            session.id, ports::SampleView{.at = at, .energy_register = sample.energy_register, .power = sample.power});
    }
}

void Projection::count_register(ports::SessionView& session, WattHours reading, TimePoint at) {
    if (reading < session.last_register || !possible(reading)) return;
    add_energy(session, reading - session.last_register, session.last_metered, at);
    session.last_register = reading;
    session.last_metered = std::max(session.last_metered, at);
    session.energy = std::max(session.energy, reading - session.meter_start);
}

void Projection::add_energy(const ports::SessionView& session, WattHours energy, TimePoint from, TimePoint until) {
    spread_energy(energy, from, until, [&](TimePoint slot, WattHours part) {
        changes_.session_energy[{session.id, slot}] += part;
        auto node = session.station;
        for (int depth = 0; depth < max_depth && !node.empty(); ++depth) {
            changes_.node_energy[{node, slot}] += part;
            const auto parent = topology_.parents.find(node);
            if (parent == topology_.parents.end()) break;
            node = parent->second;
        }
    });
}

}  // namespace tianqu::sqlite
