#pragma once

/// A small charging network for tests: state and events that grow by messages.

#include <string>
#include <utility>
#include <vector>

#include "charging/core.hpp"

namespace tianqu::charging::test {

inline TimePoint at(const char* text) { return parse_time(text).value(); }
inline const TimePoint noon = at("2026-11-23T04:00:00Z");

inline grid::NetworkParts small_parts() {
    grid::NetworkParts parts;
    parts.origin = {.source = "test", .synthetic = true};
    parts.nodes = {{.id = NodeId{"C"},
                    .kind = grid::NodeKind::city,
                    .name_zh = "城",
                    .name_en = "City",
                    .limit = Watts{1'000'000}},
                   {.id = NodeId{"T"},
                    .parent = NodeId{"C"},
                    .kind = grid::NodeKind::transformer,
                    .name_zh = "变",
                    .name_en = "Transformer",
                    .limit = Watts{100'000}},
                   {.id = NodeId{"S"},
                    .parent = NodeId{"T"},
                    .kind = grid::NodeKind::station,
                    .name_zh = "站",
                    .name_en = "Station",
                    .limit = Watts{50'000},
                    .station_kind = grid::StationKind::residential}};
    for (const char* name : {"A", "B"}) {
        grid::ChargerSite site{.id = ChargerId{name}, .station = NodeId{"S"}, .name = name};
        site.connectors = {{.number = ConnectorNumber{1}, .max_power = Watts{7'000}},
                           {.number = ConnectorNumber{2}, .max_power = Watts{7'000}}};
        parts.chargers.push_back(site);
    }
    return parts;
}

struct Town {
    State state;
    Settings settings;
    std::vector<Event> history;
    TimePoint now = noon;

    Town() {
        settings.offset = UtcOffset{std::chrono::minutes{480}};
        settings.defaults[grid::StationKind::residential] = {.departure_minute_of_day = 7 * 60,
                                                             .energy = WattHours{18'000}};
    }
    /// With the network and both chargers connected.
    static Town ready() {
        Town town;
        town.take(
            {Event{.principal = PrincipalId{"user:test"}, .received = noon, .body = NetworkImported{small_parts()}}});
        town.connect("A");
        town.connect("B");
        return town;
    }

    void take(const std::vector<Event>& events) {
        for (const auto& event : events) {
            history.push_back(event);
            apply(state, event, static_cast<std::int64_t>(history.size()));
        }
    }
    void connect(const char* charger) {
        take(charging::connect(state, settings, {ChargerId{charger}, "127.0.0.1", "ocpp1.6", now}).value());
    }
    Outcome send(const char* charger, ChargerMessage message) {
        auto outcome =
            decide(state, settings, {.charger = ChargerId{charger}, .message = std::move(message), .received = now});
        take(outcome.events);
        return outcome;
    }
    [[nodiscard]] Actor actor() const { return {PrincipalId{"user:test"}, now, "because"}; }

    [[nodiscard]] StartTransaction start_message(std::int64_t register_wh = 1'000, std::int64_t connector = 1) const {
        return {.connector = ConnectorNumber{connector},
                .token = TokenId{"TAG"},
                .meter_start = WattHours{register_wh},
                .claimed = now};
    }
    SessionId start(const char* charger = "A", std::int64_t register_wh = 1'000, std::int64_t connector = 1) {
        return std::get<StartReply>(send(charger, start_message(register_wh, connector)).reply).session;
    }
    [[nodiscard]] MeterValues meter_message(SessionId session, std::int64_t register_wh) const {
        return {.connector = ConnectorNumber{1},
                .session = session,
                .samples = {{.claimed = now, .energy_register = WattHours{register_wh}}},
                .content_hash = static_cast<std::uint64_t>(to_milliseconds(now)) * 31 +
                                static_cast<std::uint64_t>(register_wh) + 1};
    }
    Outcome meter(const char* charger, SessionId session, std::int64_t register_wh) {
        return send(charger, meter_message(session, register_wh));
    }
    Outcome stop(const char* charger, SessionId session, std::int64_t register_wh) {
        return send(charger, StopTransaction{.session = session,
                                             .token = TokenId{"TAG"},
                                             .meter_stop = WattHours{register_wh},
                                             .claimed = now,
                                             .reason = "EVDisconnected"});
    }
    [[nodiscard]] const Session& session(SessionId id, const char* charger = "A") const {
        const auto* found = find_session(state, ChargerId{charger}, id);
        return found == nullptr ? nobody() : *found;
    }
    /// The server starts again: everything from the journal's bytes.
    void restart() {
        state = decode_state(encode_state(state)).value();
        take({Event{.principal = PrincipalId{"system:server"}, .received = now, .body = ServerStarted{"test", false}}});
    }

    static const Session& nobody() {
        static const Session none;
        return none;
    }
};

template <class Body>
int count_of(const std::vector<Event>& events) {
    int count = 0;
    for (const auto& event : events) count += std::holds_alternative<Body>(event.body) ? 1 : 0;
    return count;
}

}  // namespace tianqu::charging::test
