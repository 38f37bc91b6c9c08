#include <charconv>

#include "app/server/api/impl.hpp"
#include "app/server/api/paging.hpp"
#include "orderly/uncontrolled.hpp"

namespace tianqu::server {

namespace {

/// What a running session's energy cost so far, and what the same energy would have cost at full power.
struct Costs {
    std::optional<Money> actual;
    std::optional<Money> uncontrolled;
};

void write_money(JsonWriter& json, const char* name, const std::optional<Money>& money) {
    json.key(name);
    if (money)
        json.text(format_decimal(to_fen(*money), 2));
    else
        json.null();
}

/// A session as history knows it, with what is live of it.
void write_session(JsonWriter& json, const Runtime& runtime, ports::SessionView session, const Costs& costs) {
    const auto& state = runtime.state();
    const auto live = state.sessions.find(session.id);
    const bool active = live != state.sessions.end();
    if (active) {
        // History lags a little; a wish that was just confirmed is shown at once.
        session.departure = live->second.departure;
        session.target = live->second.target;
        session.charge_now = live->second.charge_now;
        session.target_by_default = live->second.target_by_default;
        session.shortfall = live->second.shortfall;
        session.flags = live->second.flags;
    }
    const TimePoint now = runtime.now();
    json.begin_object().field("id", session.id.value).field("charger", session.charger.value);
    json.field("connector", session.connector.value)
        .field("token", session.token.value)
        .field("verdict", session.verdict);
    json.field("station", session.station.value).field("started", format_time(session.started));
    write_time(json, "claimed_start", session.claimed_start);
    json.field("received_start", format_time(session.received_start));
    write_time(json, "ended", session.ended);
    json.field("end_reason", session.end_reason);
    json.field("energy_wh", (active ? live->second.energy : session.energy).count);
    json.field("target_wh", session.target.value_or(WattHours{}).count);
    write_time(json, "departure", session.departure);
    json.field("charge_now", session.charge_now).field("target_by_default", session.target_by_default);
    json.field("power_w", active ? live->second.last_power.count : 0);
    const ConnectorKey key{session.charger, session.connector};
    json.field("permitted_w", active ? charging::permitted_power(state, key, now).count : 0);
    json.field("maximum_w", charging::maximum_power(state, key).count);
    json.field("shortfall_wh", session.shortfall.count);
    write_money(json, "cost", costs.actual);
    write_money(json, "uncontrolled_cost", costs.uncontrolled);
    json.key("flags");
    write_json(json, session.flags);
    json.key("why");
    if (active) {
        const auto why = runtime.planning().orderly().explain(state, session.id, now);
        json.begin_object().field("reason", why.reason).field("node", why.node.value);
        write_time(json, "until", why.until);
        write_time(json, "ready", why.ready);
        json.field("text_zh", why.text_zh).field("text_en", why.text_en).end_object();
    } else {
        json.null();
    }
    json.end_object();
}

/// A running session that the views have not seen yet.
ports::SessionView view_of(const charging::Session& session) {
    ports::SessionView view;
    view.id = session.id;
    view.charger = session.charger;
    view.connector = session.connector;
    view.token = session.token;
    view.verdict = charging::enum_name(session.verdict);
    view.claimed_start = session.claimed_start;
    view.received_start = session.received_start;
    view.started = session.started;
    view.meter_start = session.meter_start;
    view.ended = session.ended;
    view.energy = session.energy;
    view.departure = session.departure;
    view.target = session.target;
    view.charge_now = session.charge_now;
    view.target_by_default = session.target_by_default;
    view.shortfall = session.shortfall;
    view.flags = session.flags;
    return view;
}

Costs costs_of(const tariff::Tariff& tariff, const ports::SessionView& session, Watts maximum,
               const std::vector<ports::QuarterEnergy>& energies) {
    Costs costs{Money{}, std::nullopt};
    for (const auto& quarter : energies) {
        const auto cost = tariff.cost_of(quarter.start, quarter.start + quarter_hour, quarter.energy);
        if (cost && costs.actual)
            *costs.actual += *cost;
        else
            costs.actual.reset();
    }
    charging::Session unsteered;
    unsteered.started = session.started;
    unsteered.energy = session.energy;
    unsteered.target = session.energy;  // compared for what was delivered
    unsteered.departure = session.departure.value_or(session.started);
    unsteered.ended = session.ended;
    if (const auto cost = orderly::uncontrolled_cost(tariff, orderly::uncontrolled(unsteered, maximum)))
        costs.uncontrolled = *cost;
    return costs;
}

Result<ports::SessionFilter> filter_of(const http::Request& request) {
    ports::SessionFilter filter;
    const auto page = page_of(request);
    if (!page) return std::unexpected(page.error());
    filter.limit = page->limit;
    const auto after = whole_parameter(request, "after");
    if (!after) return std::unexpected(after.error());
    filter.after = *after;
    if (const auto charger = request.parameter("charger"); !charger.empty()) filter.charger = ChargerId{charger};
    if (const auto node = request.parameter("node"); !node.empty()) filter.node = NodeId{node};
    filter.text = request.parameter("q");
    const auto active = request.parameter("active");
    if (active == "true")
        filter.active = true;
    else if (active == "false")
        filter.active = false;
    else if (!active.empty()) {
        return fail(Error{ErrorCode::invalid_input,
                          "query parameter 'active': expected true or false",
                          {{"field", "active"}, {"value", std::string(active)}, {"expected", "true or false"}}});
    }
    return filter;
}

const ports::Views* views_of(const Api::Impl& api, const Answer& answer) {
    if (api.runtime.views() == nullptr) answer.error(Error{ErrorCode::unavailable, "there is no history here", {}});
    return api.runtime.views();
}

void list_sessions(Api::Impl& api, const Call& call, const Answer& answer) {
    const auto filter = filter_of(call.request);
    if (!filter) {
        answer.error(filter.error());
        return;
    }
    const auto* views = views_of(api, answer);
    if (views == nullptr) return;
    using Rows = Result<ports::Page<ports::SessionView>>;
    const std::function<Rows()> query = [views, wanted = *filter] { return views->sessions(wanted); };
    api.in_background<Rows>(query, [&api, answer](const Rows& page) {
        if (!page) {
            answer.error(page.error());
            return;
        }
        JsonWriter json;
        json.begin_object().key("sessions").begin_array();
        for (const auto& session : page->rows) write_session(json, api.runtime, session, Costs{});
        json.end_array();
        write_next(json, page->next);
        json.end_object();
        answer.json(json.take());
    });
}

/// The session id of the first capture, or an error sent.
std::optional<SessionId> id_of(const Call& call, const Answer& answer) {
    const auto& text = call.capture(0);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc{} && end == text.data() + text.size()) return SessionId{value};
    answer.error(Error{ErrorCode::invalid_input,
                       "expected a session's number",
                       {{"field", "id"}, {"value", text}, {"expected", "a whole number"}}});
    return std::nullopt;
}

struct Detail {
    ports::SessionView session;
    std::vector<ports::QuarterEnergy> energies;
    std::vector<ports::SampleView> samples;
};

/// From the views, or for a session so new that they lag behind, from the state.
Result<Detail> load_detail(const ports::Views& views, SessionId id, const std::optional<ports::SessionView>& live) {
    Detail detail;
    auto session = views.session(id);
    if (!session && (session.error().code != ErrorCode::not_found || !live)) return std::unexpected(session.error());
    if (!session) return Detail{*live, {}, {}};
    detail.session = std::move(*session);
    auto energies = views.session_energy(id);
    auto samples = views.samples(id);
    if (!energies) return std::unexpected(energies.error());
    if (!samples) return std::unexpected(samples.error());
    detail.energies = std::move(*energies);
    detail.samples = std::move(*samples);
    return detail;
}

void with_detail(Api::Impl& api, const Call& call, const Answer& answer,
                 const std::function<std::string(const Detail&)>& write) {
    const auto id = id_of(call, answer);
    if (!id) return;
    const auto* views = views_of(api, answer);
    if (views == nullptr) return;
    const auto found = api.runtime.state().sessions.find(*id);
    std::optional<ports::SessionView> live;
    if (found != api.runtime.state().sessions.end()) live = view_of(found->second);
    const std::function<Result<Detail>()> query = [views, id = *id, live] { return load_detail(*views, id, live); };
    api.in_background<Result<Detail>>(query, [answer, write](const Result<Detail>& detail) {
        if (detail)
            answer.json(write(*detail));
        else
            answer.error(detail.error());
    });
}

void show_session(Api::Impl& api, const Call& call, const Answer& answer) {
    with_detail(api, call, answer, [&api](const Detail& detail) {
        const auto& state = api.runtime.state();
        const auto node = state.network.node_of(detail.session.charger);
        const auto kind = node ? state.network.node(*node).station_kind : grid::StationKind::public_site;
        const auto& tariff =
            api.runtime.tariff_of(kind == grid::StationKind::none ? grid::StationKind::public_site : kind);
        const Watts maximum =
            charging::maximum_power(state, ConnectorKey{detail.session.charger, detail.session.connector});
        JsonWriter json;
        write_session(json, api.runtime, detail.session, costs_of(tariff, detail.session, maximum, detail.energies));
        return json.take();
    });
}

void session_curve(Api::Impl& api, const Call& call, const Answer& answer) {
    with_detail(api, call, answer, [&api](const Detail& detail) {
        const auto& tariff = api.runtime.tariff_of(grid::StationKind::public_site);
        JsonWriter json;
        json.begin_object().field("slot_ms", quarter_hour.count()).key("slots").begin_array();
        for (const auto& slot : api.runtime.planning().orderly().planned(detail.session.id, api.runtime.now())) {
            const auto quote = tariff.quote_at(slot.start);
            json.begin_object().field("start", format_time(slot.start)).field("planned_w", slot.power.count);
            json.field("band", quote ? std::string(1, tariff::band_letter(quote->band)) : std::string{});
            json.field("price", quote ? format_yuan_per_kwh(quote->price) : std::string{}).end_object();
        }
        json.end_array().key("samples").begin_array();
        for (const auto& sample : detail.samples) {
            json.begin_object().field("at", format_time(sample.at)).key("power_w");
            if (sample.power)
                json.number(sample.power->count);
            else
                json.null();
            json.key("energy_wh");
            if (sample.energy_register)
                json.number((*sample.energy_register - detail.session.meter_start).count);
            else
                json.null();
            json.end_object();
        }
        json.end_array().end_object();
        return json.take();
    });
}

void set_target(Api::Impl& api, Call call, const Answer& answer) {
    const auto id = id_of(call, answer);
    if (!id) return;
    auto body = Body::parse(call.request.body);
    if (!body) {
        answer.error(body.error());
        return;
    }
    const auto departure = body->time("departure");
    const auto energy = body->whole("energy_wh");
    const bool charge_now = body->boolean("charge_now").value_or(false);
    call.actor.reason = body->text("reason").value_or("");
    if (!departure && !energy && !charge_now)
        body->reject("departure", "absent", "a departure, an energy or charge_now");
    if (auto read = body->finish(); !read) {
        answer.error(read.error());
        return;
    }
    const auto wanted = energy ? std::optional{WattHours{*energy}} : std::nullopt;
    api.runtime.commit(charging::set_target(api.runtime.state(), api.runtime.settings(), call.actor, *id, departure,
                                            wanted, charge_now),
                       [answer](const Status& status) { answer.status(status); });
}

}  // namespace

void add_session_routes(Api::Impl& api, std::vector<Route>& routes) {
    using access::Role;
    routes.push_back({"GET",
                      "/sessions",
                      Role::viewer,
                      "Sessions, newest first",
                      {{"active", "boolean", "only running (true) or ended (false)"},
                       {"charger", "string", "of this charger"},
                       {"node", "string", "below this node"},
                       {"q", "string", "part of charger, token or number"},
                       {"after", "integer", "the page after this id"},
                       {"limit", "integer", "rows, 1 to 1000"}},
                      "",
                      R"({"sessions":[],"next":null})",
                      [&api](const Call& call, const Answer& answer) { list_sessions(api, call, answer); }});
    routes.push_back({"GET",
                      "/sessions/{id}",
                      Role::viewer,
                      "One session, with its cost and why it charges as it does",
                      {},
                      "",
                      R"({"id":123,"charger":"DZ-1","energy_wh":5200})",
                      [&api](const Call& call, const Answer& answer) { show_session(api, call, answer); }});
    routes.push_back({"GET",
                      "/sessions/{id}/curve",
                      Role::viewer,
                      "Planned and measured power",
                      {},
                      "",
                      R"({"slots":[],"samples":[]})",
                      [&api](const Call& call, const Answer& answer) { session_curve(api, call, answer); }});
    routes.push_back({"POST",
                      "/sessions/{id}/target",
                      Role::operator_role,
                      "The driver's departure and energy, or charge now",
                      {},
                      R"({"departure":"2026-11-24T07:30:00+08:00","energy_wh":18000})",
                      R"({"done":true})",
                      [&api](const Call& call, const Answer& answer) { set_target(api, call, answer); }});
}

}  // namespace tianqu::server
