/// The domain's schedules as charging profiles.

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/assertion.hpp"
#include "ocpp/v16_domain.hpp"

namespace tianqu::ocpp::v16 {

namespace {

using std::chrono::seconds;

struct Piece {
    std::int64_t start_s = 0;
    Watts limit;
};

/// Appends a piece; one that would begin before the last, because of rounding to seconds, replaces it.
void append(std::vector<Piece>& pieces, Piece piece) {
    while (!pieces.empty() && pieces.back().start_s >= piece.start_s) pieces.pop_back();
    if (pieces.empty() || pieces.back().limit != piece.limit) pieces.push_back(piece);
}

/// What the schedule permits from `begin` on, in whole seconds; a rise comes late and a fall early, so that no instant
/// gets more than the schedule has.
std::vector<Piece> pieces_of(const dispatch::Schedule& schedule, TimePoint begin) {
    std::vector<TimePoint> changes{schedule.start, schedule.start + schedule.duration};
    for (const auto& step : schedule.steps) changes.push_back(schedule.start + step.offset);
    std::ranges::sort(changes);
    std::vector<Piece> pieces{{0, schedule.limit_at(begin)}};
    Watts before = pieces.front().limit;
    for (const TimePoint change : changes) {
        if (change <= begin) continue;
        const Watts limit = schedule.limit_at(change);
        const auto late = std::chrono::ceil<seconds>(change - begin);
        const auto early = std::chrono::floor<seconds>(change - begin);
        append(pieces, Piece{(limit > before ? late : early).count(), limit});
        before = limit;
    }
    return pieces;
}

/// Joins neighbours at their lower limit, least energy lost first, until no more than `most` are left.
void join(std::vector<Piece>& pieces, std::size_t most) {
    constexpr std::int64_t last_piece_s = 24 * 3600;
    const auto length = [&](std::size_t i) {
        return i + 1 < pieces.size() ? pieces[i + 1].start_s - pieces[i].start_s : last_piece_s;
    };
    while (pieces.size() > most) {
        std::size_t best = 0;
        std::int64_t least = std::numeric_limits<std::int64_t>::max();
        for (std::size_t i = 0; i + 1 < pieces.size(); ++i) {
            const bool falls = pieces[i].limit > pieces[i + 1].limit;
            const auto difference =
                falls ? pieces[i].limit - pieces[i + 1].limit : pieces[i + 1].limit - pieces[i].limit;
            const std::int64_t lost = difference.count * length(falls ? i : i + 1);
            if (lost < least) {
                least = lost;
                best = i;
            }
        }
        pieces[best].limit = std::min(pieces[best].limit, pieces[best + 1].limit);
        pieces.erase(pieces.begin() + static_cast<std::ptrdiff_t>(best) + 1);
    }
}

std::optional<int> whole(std::string_view text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace

std::int64_t default_profile_id(ConnectorNumber connector) { return connector.value * 10 + 1; }
std::int64_t transaction_profile_id(ConnectorNumber connector) { return connector.value * 10 + 2; }

ChargingProfile to_profile(const dispatch::Schedule& schedule, ConnectorNumber connector,
                           std::optional<SessionId> session, const ProfileDialect& dialect, TimePoint now) {
    TIANQU_ASSERT(dialect.max_periods > 0);
    const TimePoint begin = std::chrono::floor<seconds>(now);
    auto pieces = pieces_of(schedule, begin);
    join(pieces, static_cast<std::size_t>(dialect.max_periods));

    ChargingProfile profile{.stack_level = dialect.stack_level, .charging_profile_kind = ProfileKind::absolute};
    if (session) {
        profile.charging_profile_id = transaction_profile_id(connector);
        profile.transaction_id = session->value;
        profile.charging_profile_purpose = ProfilePurpose::tx_profile;
    } else {
        profile.charging_profile_id = default_profile_id(connector);
        profile.charging_profile_purpose = ProfilePurpose::tx_default_profile;
    }
    auto& out = profile.charging_schedule;
    out.charging_rate_unit = dialect.unit;
    out.start_schedule = Timestamp{begin};
    for (const auto& piece : pieces) {
        ChargingSchedulePeriod period{.start_period = piece.start_s,
                                      .limit = to_rate(piece.limit, dialect.unit, dialect.phases, dialect.voltage)};
        if (dialect.unit == RateUnit::amperes) period.number_phases = dialect.phases;
        out.charging_schedule_period.push_back(period);
    }
    return profile;
}

ProfileDialect dialect_of(const GetConfigurationResponse& configuration, ProfileDialect base) {
    if (!configuration.configuration_key) return base;
    for (const auto& [key, readonly, value] : *configuration.configuration_key) {
        if (!value) continue;
        if (key == "ChargingScheduleAllowedChargingRateUnit") {
            const bool current = value->contains("Current");
            const bool power = value->contains("Power");
            if (current != power) base.unit = current ? RateUnit::amperes : RateUnit::watts;
        } else if (key == "ChargingScheduleMaxPeriods") {
            if (const auto periods = whole(*value); periods && *periods > 0) base.max_periods = *periods;
        } else if (key == "ChargeProfileMaxStackLevel") {
            if (const auto level = whole(*value); level && *level >= 0)
                base.stack_level = std::min(base.stack_level, *level);
        }
    }
    return base;
}

}  // namespace tianqu::ocpp::v16
