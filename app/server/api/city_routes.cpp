#include <algorithm>

#include "app/server/api/charger_view.hpp"
#include "app/server/api/day.hpp"
#include "app/server/api/impl.hpp"
#include "app/server/api/paging.hpp"

namespace tianqu::server {

namespace {

struct StateCounts {
    std::int64_t by_state[8] = {};
    std::int64_t total = 0;
    std::int64_t online = 0;
    std::int64_t held = 0;
};

StateCounts count_states(const charging::State& state) {
    StateCounts counts;
    const auto add = [&](const ChargerId& id) {
        const auto* charger = find_charger(state, id);
        ++counts.total;
        ++counts.by_state[static_cast<std::size_t>(shown_state(state, id))];
        if (charger != nullptr && charger->online) ++counts.online;
        if (charger != nullptr && charger->registration == charging::Registration::held) ++counts.held;
    };
    for (const auto& site : state.network.chargers()) add(site.id);
    for (const auto& [id, charger] : state.chargers) {
        if (!state.network.find_charger(id) && was_ever_here(charger)) add(id);
    }
    return counts;
}

void write_counts(JsonWriter& json, const charging::State& state) {
    const auto counts = count_states(state);
    json.key("chargers")
        .begin_object()
        .field("total", counts.total)
        .field("online", counts.online)
        .field("held", counts.held);
    for (int i = 0; i < 8; ++i) json.field(enum_name(static_cast<ShownState>(i)), counts.by_state[i]);
    json.end_object();
}

void write_load(JsonWriter& json, const Runtime& runtime) {
    const auto& network = runtime.state().network;
    const auto charging = charging_by_node(runtime.state());
    const TimePoint now = runtime.now();
    const Watts base = network.base_load_with_descendants(0, now, runtime.city().offset);
    const Watts power = charging.empty() ? Watts{} : charging.front();
    json.key("load").begin_object().field("charging_w", power.count).field("base_w", base.count);
    json.field("total_w", (power + base).count).field("limit_w", limit_of(runtime.state(), 0, now).count);
    json.field("permitted_w", runtime.planning().orderly().permitted_at(network.node(0).id).count).end_object();
    std::int64_t overloaded = 0;
    for (grid::NodeIndex node = 0; node < network.node_count(); ++node) {
        const Watts load = charging[node] + network.base_load_with_descendants(node, now, runtime.city().offset);
        if (load > limit_of(runtime.state(), node, now)) ++overloaded;
    }
    json.field("overloaded_nodes", overloaded);
}

void write_price(JsonWriter& json, const Runtime& runtime) {
    const auto& tariff = runtime.tariff_of(grid::StationKind::public_site);
    const auto quote = tariff.quote_at(runtime.now());
    if (!quote) {
        json.key("price").null();
        return;
    }
    json.key("price").begin_object().field("band", std::string(1, tariff::band_letter(quote->band)));
    json.field("price", format_yuan_per_kwh(quote->price));
    const auto next = tariff.quote_at(quote->until);
    json.key("next_band");
    if (next)
        json.text(std::string(1, tariff::band_letter(next->band)));
    else
        json.null();
    json.field("next_at", format_time(quote->until));
    json.field("example", quote->base_standing == tariff::Standing::example).end_object();
}

void write_plan(JsonWriter& json, const Runtime& runtime) {
    const auto summary = runtime.planning().summary();
    json.key("plan").begin_object();
    write_time(json, "made", summary.made);
    json.field("sessions", summary.sessions).field("shortfall_wh", summary.shortfall.count);
    json.field("milliseconds", summary.milliseconds).field("plans", summary.plans).end_object();
}

void write_today(JsonWriter& json, const Api::Impl& api) {
    const DayTotals& today = api.day.totals(api.runtime);
    json.key("sessions").begin_object().field("active", api.runtime.state().sessions.size());
    json.field("today", today.sessions).field("energy_today_wh", today.energy.count).end_object();
    json.key("today")
        .begin_object()
        .field("energy_wh", today.energy.count)
        .field("cost", format_decimal(to_fen(today.cost), 2));
    json.field("uncontrolled_cost", format_decimal(to_fen(today.uncontrolled_cost), 2));
    json.field("peak_w", today.peak.count).field("uncontrolled_peak_w", today.uncontrolled_peak.count).end_object();
}

void tariff_day(const Api::Impl& api, const Call& call, const Answer& answer) {
    const auto day = day_of(api.runtime, call.request.parameter("date"));
    if (!day) {
        answer.error(day.error());
        return;
    }
    const auto& tariff = api.runtime.tariff_of(grid::StationKind::public_site);
    const auto spans = tariff.day(*day);
    const auto first = tariff.quote_at(*day);
    if (!spans || !first) {
        answer.error(spans ? first.error() : spans.error());
        return;
    }
    JsonWriter json;
    json.begin_object().field("date", date_text(*day, api.runtime.city().offset)).field("scheme", tariff.data().id);
    json.field("name_zh", tariff.data().name_zh).field("name_en", tariff.data().name_en);
    json.field("status", tariff::enum_name(first->base_standing)).field("source", first->base_source);
    json.field("calendar_status", tariff::enum_name(first->calendar_standing))
        .field("calendar_source", first->calendar_source);
    json.field("floating", format_yuan_per_kwh(first->floating)).field("fixed", format_yuan_per_kwh(first->fixed));
    json.key("bands").begin_array();
    for (const auto& span : *spans) {
        const auto quote = tariff.quote_at(span.from);
        json.begin_object().field("band", std::string(1, tariff::band_letter(span.band)));
        json.field("from", format_time(span.from)).field("until", format_time(span.until));
        json.field("price", format_yuan_per_kwh(span.price));
        const std::string derivation = quote ? quote->derivation() : std::string{};
        json.field("derivation_zh", derivation).field("derivation_en", derivation).end_object();
    }
    json.end_array().end_object();
    answer.json(json.take());
}

void set_base_price(Api::Impl& api, Call call, const Answer& answer) {
    auto body = Body::parse(call.request.body);
    if (!body) {
        answer.error(body.error());
        return;
    }
    charging::BasePriceSet price;
    price.scheme = body->required_text("scheme");
    price.valid_from = body->time("valid_from").value_or(api.runtime.now());
    const std::string floating = body->required_text("floating");
    const std::string fixed = body->required_text("fixed");
    price.source = body->required_text("source");
    call.actor.reason = body->text("reason").value_or("");
    const auto floating_price = parse_yuan_per_kwh(floating);
    const auto fixed_price = parse_yuan_per_kwh(fixed);
    if (!floating_price) body->reject("floating", floating, "yuan per kWh with at most five decimals");
    if (!fixed_price) body->reject("fixed", fixed, "yuan per kWh with at most five decimals");
    if (api.runtime.city().find_tariff(price.scheme) == nullptr)
        body->reject("scheme", price.scheme, "the id of a tariff of this city");
    if (auto read = body->finish(); !read) {
        answer.error(read.error());
        return;
    }
    price.floating = *floating_price;
    price.fixed = *fixed_price;
    api.runtime.commit(charging::set_base_price(api.runtime.state(), call.actor, std::move(price)),
                       [answer](const Status& status) { answer.status(status); });
}

void show_plan(const Api::Impl& api, const Call& call, const Answer& answer) {
    const auto& orderly = api.runtime.planning().orderly();
    const auto& state = api.runtime.state();
    const auto* snapshot = orderly.snapshot();
    const NodeId only{call.request.parameter("node")};
    const TimePoint now = api.runtime.now();
    const auto top = only.empty() ? std::nullopt : state.network.find_node(only);
    if (!only.empty() && !top) {
        answer.error(Error{ErrorCode::not_found, "no such node", {{"node", only.value}}});
        return;
    }
    JsonWriter json;
    json.begin_object().key("made");
    if (snapshot == nullptr)
        json.null();
    else
        json.text(format_time(snapshot->made));
    json.field("start", format_time(slot_start(now, orderly.settings().slot)))
        .field("slot_ms", orderly.settings().slot.count());
    json.key("sessions").begin_array();
    for (const auto& [id, session] : state.sessions) {
        if (top && !is_below(state.network, session.charger, *top)) continue;
        const auto why = orderly.explain(state, id, now);
        json.begin_object()
            .field("session", id.value)
            .field("charger", session.charger.value)
            .field("reason", why.reason);
        json.field("node", why.node.value);
        write_time(json, "until", why.until);
        json.field("shortfall_wh", why.shortfall.count).field("text_zh", why.text_zh).field("text_en", why.text_en);
        json.key("powers_w").begin_array();
        for (const auto& slot : orderly.planned(id, now)) json.number(slot.power.count);
        json.end_array().end_object();
    }
    json.end_array().key("overloaded_nodes").begin_array();
    for (const auto& [id, alarm] : state.alarms) {
        if (!alarm.node.empty()) json.text(alarm.node.value);
    }
    json.end_array().end_object();
    answer.json(json.take());
}

}  // namespace

std::string overview_json(const Api::Impl& api) {
    const auto& runtime = api.runtime;
    const auto& city = runtime.city();
    JsonWriter json;
    json.begin_object().field("now", format_time(runtime.now())).field("speed", runtime.options().speed);
    json.field("simulated", runtime.options().simulated())
        .field("synthetic_network", runtime.state().network.origin().synthetic);
    json.key("city").begin_object().field("name_zh", city.name_zh).field("name_en", city.name_en);
    json.field("utc_offset_minutes", static_cast<std::int64_t>(city.offset.minutes.count()));
    json.field("node", runtime.state().network.node(0).id.value).end_object();
    write_counts(json, runtime.state());
    write_load(json, runtime);
    write_price(json, runtime);
    write_plan(json, runtime);
    write_today(json, api);
    json.field("alarms", runtime.state().alarms.size()).end_object();
    return json.take();
}

void add_city_routes(Api::Impl& api, std::vector<Route>& routes) {
    using access::Role;
    routes.push_back({"GET",
                      "/overview",
                      Role::viewer,
                      "The city in one look",
                      {},
                      "",
                      R"({"now":"2026-11-23T04:00:00.000Z","speed":60})",
                      [&api](const Call&, const Answer& answer) { answer.json(overview_json(api)); }});
    routes.push_back({"GET",
                      "/tariff/day",
                      Role::viewer,
                      "Price bands of a local day, each price with its derivation",
                      {{"date", "string", "2026-11-23; today if absent"}},
                      "",
                      R"({"date":"2026-11-23","bands":[]})",
                      [&api](const Call& call, const Answer& answer) { tariff_day(api, call, answer); }});
    routes.push_back(
        {"POST",
         "/tariff/base-price",
         Role::administrator,
         "Enter the base price of a month's notice",
         {},
         R"({"scheme":"…","valid_from":"2026-12-01T00:00:00+08:00","floating":"0.5014","fixed":"0.1330","source":"notice of December 2026"})",
         R"({"done":true})",
         [&api](const Call& call, const Answer& answer) { set_base_price(api, call, answer); }});
    routes.push_back({"GET",
                      "/plan",
                      Role::viewer,
                      "The plan in force, session by session",
                      {{"node", "string", "only sessions below this node"}},
                      "",
                      R"({"made":null,"sessions":[]})",
                      [&api](const Call& call, const Answer& answer) { show_plan(api, call, answer); }});
    routes.push_back({"GET",
                      "/report",
                      Role::viewer,
                      "A virtual city's comparison with uncontrolled charging so far",
                      {},
                      "",
                      R"({"synthetic":true,"orderly":{},"uncontrolled":{}})",
                      [&api](const Call&, const Answer& answer) {
                          if (!api.options.report) {
                              answer.error(
                                  Error{ErrorCode::not_found, "a report exists only for a virtual city (--fleet)", {}});
                              return;
                          }
                          const std::function<Result<std::string>()> make = api.options.report();
                          api.in_background<Result<std::string>>(
                              make, [answer](const Result<std::string>& body) { answer.result(body); });
                      }});
}

}  // namespace tianqu::server
