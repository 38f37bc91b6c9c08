#include <algorithm>
#include <array>
#include <map>

#include "adapters/metrics/exposition.hpp"
#include "app/server/api/charger_view.hpp"
#include "app/server/api/impl.hpp"

namespace tianqu::server {

namespace {

using metrics::Exposition;

void add_connections(Exposition& out, const Runtime& runtime) {
    const auto gateway = runtime.gateway_counters();
    out.gauge("tianqu_gateway_connections", "Chargers connected now", static_cast<double>(gateway.connections_open));
    out.counter("tianqu_gateway_connections_accepted_total", "Connections of chargers accepted",
                gateway.connections_accepted);
    out.counter("tianqu_gateway_handshakes_refused_total", "Connections of chargers refused in the handshake",
                gateway.handshakes_refused);
    out.counter("tianqu_gateway_connections_closed_total", "Connections that the server closed", gateway.closed_silent,
                {{"cause", "silent"}});
    out.counter("tianqu_gateway_connections_closed_total", "", gateway.closed_queue_full, {{"cause", "queue_full"}});
    out.counter("tianqu_gateway_messages_total", "WebSocket messages of chargers", gateway.messages_received,
                {{"direction", "in"}});
    out.counter("tianqu_gateway_messages_total", "", gateway.messages_sent, {{"direction", "out"}});
    out.counter("tianqu_gateway_bytes_total", "Bytes of WebSocket messages of chargers", gateway.bytes_received,
                {{"direction", "in"}});
    out.counter("tianqu_gateway_bytes_total", "", gateway.bytes_sent, {{"direction", "out"}});
}

void add_calls(Exposition& out, const Runtime& runtime) {
    const auto links = runtime.links().counters();
    for (const auto& [action, calls] : links.calls_by_action)
        out.counter("tianqu_ocpp_calls_by_action_total", "Calls of chargers understood, by action", calls,
                    {{"action", action}});
    out.counter("tianqu_ocpp_calls_total", "OCPP calls", links.calls_in, {{"direction", "in"}});
    out.counter("tianqu_ocpp_calls_total", "", links.calls_out, {{"direction", "out"}});
    out.counter("tianqu_ocpp_calls_refused_total", "Calls of chargers answered with an error", links.calls_refused);
    out.counter("tianqu_ocpp_calls_flagged_total", "Calls accepted although not as the standard says",
                links.flagged_calls);
    out.counter("tianqu_ocpp_broken_frames_total", "Frames that are no OCPP message", links.broken_frames);
    out.counter("tianqu_ocpp_calls_timed_out_total", "Calls to chargers without an answer in time",
                links.calls_timed_out);
    out.counter("tianqu_ocpp_late_answers_total", "Answers of chargers that nothing waited for", links.late_answers);
}

void add_journal(Exposition& out, const Runtime& runtime) {
    const auto journal = runtime.journal().counters();
    out.gauge("tianqu_journal_healthy", "1 while the journal writes, 0 after a storage failure",
              runtime.health() ? 1 : 0);
    out.counter("tianqu_journal_events_written_total", "Events made durable", journal.events_written);
    out.counter("tianqu_journal_batches_written_total", "Commits that made them durable", journal.batches_written);
    out.gauge("tianqu_journal_events_waiting", "Events accepted, not yet durable",
              static_cast<double>(journal.events_waiting));
    out.counter("tianqu_journal_appends_refused_total", "Appends refused", journal.refused_full,
                {{"cause", "queue_full"}});
    out.counter("tianqu_journal_appends_refused_total", "", journal.refused_failed, {{"cause", "storage_failure"}});
    const auto last = runtime.journal().last_sequence();
    out.gauge("tianqu_journal_last_sequence", "Sequence of the last durable event", static_cast<double>(last));
    if (runtime.views() == nullptr) return;
    const auto lag = std::max<std::int64_t>(0, last - runtime.views()->applied_sequence());
    out.gauge("tianqu_views_lag_events", "Durable events that the tables for people do not contain yet",
              static_cast<double>(lag));
}

void add_plan(Exposition& out, const Runtime& runtime) {
    const auto plan = runtime.planning().summary();
    out.counter("tianqu_plans_total", "Plans made", plan.plans);
    out.gauge("tianqu_plan_last_milliseconds", "Time the last plan took to make", plan.milliseconds);
    out.gauge("tianqu_plan_sessions", "Sessions in the plan in force", static_cast<double>(plan.sessions));
    out.gauge("tianqu_plan_shortfall_watt_hours", "Energy that cars will miss at departure as planned",
              static_cast<double>(plan.shortfall.count));
    if (plan.made) {
        const auto age = std::chrono::duration<double>(runtime.now() - *plan.made);
        out.gauge("tianqu_plan_age_seconds", "Age of the plan in force", age.count());
    }
    const auto& orderly = runtime.planning().orderly().counters();
    out.counter("tianqu_permits_sent_total", "Charging profiles sent", orderly.permits_sent, {{"kind", "session"}});
    out.counter("tianqu_permits_sent_total", "", orderly.defaults_sent, {{"kind", "default"}});
    out.counter("tianqu_permits_failed_total", "Charging profiles that do not hold", orderly.refused,
                {{"cause", "refused"}});
    out.counter("tianqu_permits_failed_total", "", orderly.unanswered, {{"cause", "unanswered"}});
}

void add_city(Exposition& out, const Runtime& runtime) {
    constexpr std::array shown{ShownState::free,        ShownState::occupied, ShownState::charging,
                               ShownState::discharging, ShownState::reserved, ShownState::fault,
                               ShownState::offline,     ShownState::unknown};
    const auto& state = runtime.state();
    std::map<ShownState, std::int64_t> chargers;
    for (const auto& charger : all_chargers(state)) ++chargers[shown_state(state, charger)];
    for (const auto kind : shown) {
        out.gauge("tianqu_chargers", "Chargers by their most telling connector", static_cast<double>(chargers[kind]),
                  {{"state", std::string(enum_name(kind))}});
    }
    out.gauge("tianqu_sessions_active", "Sessions running", static_cast<double>(state.sessions.size()));
    out.gauge("tianqu_alarms_standing", "Alarms that stand", static_cast<double>(state.alarms.size()));
    if (state.network.node_count() == 0) return;
    const auto& root = state.network.node(0);
    const Watts base = state.network.base_load_with_descendants(0, runtime.now(), runtime.city().offset);
    const Watts charging = charging_by_node(state).front();
    out.gauge("tianqu_city_load_watts", "Load of the whole city", static_cast<double>(charging.count),
              {{"kind", "charging"}});
    out.gauge("tianqu_city_load_watts", "", static_cast<double>(base.count), {{"kind", "base"}});
    out.gauge("tianqu_city_limit_watts", "Limit of the whole city that holds now",
              static_cast<double>(limit_of(state, 0, runtime.now()).count));
    out.gauge("tianqu_city_permitted_watts", "What chargers are permitted to draw now, answered and in flight",
              static_cast<double>(runtime.planning().orderly().permitted_at(root.id).count));
}

}  // namespace

std::string metrics_text(const Api::Impl& api) {
    const auto& runtime = api.runtime;
    Exposition out;
    out.gauge("tianqu_build_info", "1; the version that runs", 1, {{"version", TIANQU_VERSION}});
    add_connections(out, runtime);
    add_calls(out, runtime);
    add_journal(out, runtime);
    add_plan(out, runtime);
    add_city(out, runtime);
    out.counter("tianqu_http_logins_failed_total", "Logins with a wrong name, password or link",
                api.login_guard.failures());
    out.counter("tianqu_http_logins_refused_total", "Logins refused because of too many failures before",
                api.login_guard.refused());
    return out.text();
}

}  // namespace tianqu::server
