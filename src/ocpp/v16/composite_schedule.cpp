#include "ocpp/v16/composite_schedule.hpp"

#include <algorithm>

#include "base/assertion.hpp"
#include "ocpp/v16/rate.hpp"

namespace tianqu::ocpp::v16 {

namespace {

using std::chrono::days;
using std::chrono::seconds;

/// A composite schedule never has more periods than this.
constexpr std::size_t composite_limit = 1024;
/// Nor does computing it look at more instants: a schedule asked for years ends where this is reached.
constexpr int instant_limit = 20'000;
/// Schedules beyond ten years are taken as endless.
constexpr std::int64_t longest_seconds = std::int64_t{10} * 366 * 86'400;

Milliseconds whole_seconds(std::int64_t count) { return seconds{std::clamp<std::int64_t>(count, 0, longest_seconds)}; }

bool usable(const std::optional<Timestamp>& time) { return time && time->usable; }

Milliseconds recurrence(const ChargingProfile& profile) {
    return profile.recurrency_kind == RecurrencyKind::weekly ? Milliseconds{days{7}} : Milliseconds{days{1}};
}

/// The last Monday's midnight, or today's, on the local clock.
TimePoint local_start(const ChargingProfile& profile, TimePoint time, UtcOffset offset) {
    const TimePoint midnight = local_midnight(time, offset);
    if (profile.recurrency_kind != RecurrencyKind::weekly) return midnight;
    return midnight - days{(to_local(midnight, offset).weekday + 6) % 7};
}

bool is_lower(std::optional<Watts> a, std::optional<Watts> b) { return a && (!b || *a < *b); }

}  // namespace

bool CompositeSchedule::well_formed(std::int64_t connector, const ChargingProfile& profile) const {
    const auto& schedule = profile.charging_schedule;
    const auto& periods = schedule.charging_schedule_period;
    if (connector < 0 || connector > options_.connectors) return false;
    if (profile.stack_level < 0 || profile.stack_level > options_.max_stack_level) return false;
    if (periods.empty() || periods.size() > static_cast<std::size_t>(options_.max_periods)) return false;
    if (periods.front().start_period != 0) return false;
    for (std::size_t i = 0; i < periods.size(); ++i) {
        if (periods[i].limit.thousandths < 0) return false;
        const auto phases = periods[i].number_phases;
        if (phases && (*phases < 1 || *phases > 3)) return false;
        if (i > 0 && periods[i].start_period <= periods[i - 1].start_period) return false;
    }
    if (schedule.duration && *schedule.duration < 0) return false;
    if (schedule.charging_rate_unit == RateUnit::unrecognised) return false;
    return profile.charging_profile_kind != ProfileKind::recurring || profile.recurrency_kind.has_value();
}

ChargingProfileStatus CompositeSchedule::install(std::int64_t connector, const ChargingProfile& profile,
                                                 TimePoint now) {
    if (!well_formed(connector, profile)) return ChargingProfileStatus::rejected;
    if (profile.charging_profile_purpose == ProfilePurpose::charge_point_max_profile && connector != 0) {
        return ChargingProfileStatus::rejected;
    }
    if (profile.charging_profile_purpose == ProfilePurpose::tx_profile) {
        const auto running = transactions_.find(connector);
        if (connector == 0 || running == transactions_.end()) return ChargingProfileStatus::rejected;
        if (profile.transaction_id && *profile.transaction_id != running->second.id) {
            return ChargingProfileStatus::rejected;
        }
    }
    const auto replaced = [&](const Installed& installed) {
        const bool same_place = installed.connector == connector &&
                                installed.profile.stack_level == profile.stack_level &&
                                installed.profile.charging_profile_purpose == profile.charging_profile_purpose;
        return same_place || installed.profile.charging_profile_id == profile.charging_profile_id;
    };
    const auto gone = static_cast<std::size_t>(std::ranges::count_if(profiles_, replaced));
    if (profiles_.size() - gone >= options_.max_profiles) return ChargingProfileStatus::rejected;
    std::erase_if(profiles_, replaced);
    profiles_.push_back(Installed{connector, profile, now});
    return ChargingProfileStatus::accepted;
}

std::size_t CompositeSchedule::clear(const ClearChargingProfileRequest& request) {
    return std::erase_if(profiles_, [&](const Installed& installed) {
        const auto& profile = installed.profile;
        if (request.id && *request.id != profile.charging_profile_id) return false;
        if (request.connector_id && *request.connector_id != installed.connector) return false;
        if (request.stack_level && *request.stack_level != profile.stack_level) return false;
        return !request.charging_profile_purpose ||
               *request.charging_profile_purpose == profile.charging_profile_purpose;
    });
}

void CompositeSchedule::transaction_started(std::int64_t connector, std::int64_t transaction, TimePoint start) {
    transactions_[connector] = Transaction{transaction, start};
}

void CompositeSchedule::transaction_ended(std::int64_t connector) {
    transactions_.erase(connector);
    std::erase_if(profiles_, [&](const Installed& installed) {
        return installed.connector == connector &&
               installed.profile.charging_profile_purpose == ProfilePurpose::tx_profile;
    });
}

std::optional<TimePoint> CompositeSchedule::schedule_start(const Installed& installed, std::int64_t connector,
                                                           TimePoint time) const {
    const auto& profile = installed.profile;
    const auto& start = profile.charging_schedule.start_schedule;
    if (profile.charging_profile_kind == ProfileKind::recurring) {
        if (!usable(start)) return local_start(profile, time, options_.offset);
        if (time < start->time) return std::nullopt;
        const auto period = recurrence(profile);
        return start->time + period * ((time - start->time) / period);
    }
    if (profile.charging_profile_kind == ProfileKind::absolute && usable(start)) return start->time;
    // Without a start of its own a schedule begins with the charging; that of the whole charger when it was installed.
    if (profile.charging_profile_purpose == ProfilePurpose::charge_point_max_profile) return installed.installed_at;
    const auto running = transactions_.find(connector);
    if (running != transactions_.end()) return running->second.start;
    if (profile.charging_profile_kind == ProfileKind::relative) return std::nullopt;
    return installed.installed_at;
}

std::optional<Watts> CompositeSchedule::limit_of(const Installed& installed, std::int64_t connector,
                                                 TimePoint time) const {
    const auto& profile = installed.profile;
    if (usable(profile.valid_from) && time < profile.valid_from->time) return std::nullopt;
    if (usable(profile.valid_to) && time >= profile.valid_to->time) return std::nullopt;
    const auto start = schedule_start(installed, connector, time);
    if (!start || time < *start) return std::nullopt;
    const auto& schedule = profile.charging_schedule;
    const auto elapsed = time - *start;
    if (schedule.duration && elapsed >= whole_seconds(*schedule.duration)) return std::nullopt;
    const ChargingSchedulePeriod* present = nullptr;
    for (const auto& period : schedule.charging_schedule_period) {
        if (whole_seconds(period.start_period) > elapsed) break;
        present = &period;
    }
    TIANQU_ASSERT(present != nullptr);
    const auto phases = static_cast<int>(present->number_phases.value_or(options_.phases));
    return from_rate(present->limit, schedule.charging_rate_unit, phases, options_.voltage);
}

std::optional<Watts> CompositeSchedule::best(ProfilePurpose purpose, std::int64_t on_connector, std::int64_t connector,
                                             TimePoint time) const {
    std::optional<Watts> limit;
    std::int64_t level = -1;
    for (const auto& installed : profiles_) {
        if (installed.connector != on_connector || installed.profile.charging_profile_purpose != purpose) continue;
        if (installed.profile.stack_level <= level) continue;
        if (const auto here = limit_of(installed, connector, time)) {
            limit = here;
            level = installed.profile.stack_level;
        }
    }
    return limit;
}

std::optional<Watts> CompositeSchedule::limit_at(std::int64_t connector, TimePoint time) const {
    if (const auto limit = best(ProfilePurpose::tx_profile, connector, connector, time)) return limit;
    if (const auto limit = best(ProfilePurpose::tx_default_profile, connector, connector, time)) return limit;
    return best(ProfilePurpose::tx_default_profile, 0, connector, time);
}

std::optional<Watts> CompositeSchedule::charger_limit_at(TimePoint time) const {
    return best(ProfilePurpose::charge_point_max_profile, 0, 0, time);
}

std::optional<TimePoint> CompositeSchedule::next_change_of(const Installed& installed, std::int64_t connector,
                                                           TimePoint after) const {
    std::optional<TimePoint> next;
    const auto consider = [&](TimePoint time) {
        if (time > after && (!next || time < *next)) next = time;
    };
    const auto& profile = installed.profile;
    const auto& schedule = profile.charging_schedule;
    if (usable(profile.valid_from)) consider(profile.valid_from->time);
    if (usable(profile.valid_to)) consider(profile.valid_to->time);
    if (usable(schedule.start_schedule)) consider(schedule.start_schedule->time);
    const auto start = schedule_start(installed, connector, after);
    if (!start) return next;
    consider(*start);
    if (profile.charging_profile_kind == ProfileKind::recurring) consider(*start + recurrence(profile));
    if (schedule.duration) consider(*start + whole_seconds(*schedule.duration));
    for (const auto& period : schedule.charging_schedule_period) consider(*start + whole_seconds(period.start_period));
    return next;
}

std::optional<TimePoint> CompositeSchedule::next_change(std::int64_t connector, TimePoint after) const {
    std::optional<TimePoint> next;
    for (const auto& installed : profiles_) {
        if (installed.connector != 0 && installed.connector != connector) continue;
        const auto change = next_change_of(installed, connector, after);
        if (change && (!next || *change < *next)) next = change;
    }
    return next;
}

std::optional<Watts> CompositeSchedule::lowest_at(std::int64_t connector, TimePoint time) const {
    std::optional<Watts> own;
    if (connector != 0) {
        own = limit_at(connector, time);
    } else {
        Watts sum;
        bool all = true;
        for (std::int64_t each = 1; each <= options_.connectors; ++each) {
            const auto limit = limit_at(each, time);
            all = all && limit.has_value();
            sum += limit.value_or(Watts{0});
        }
        if (all) own = sum;
    }
    const auto charger = charger_limit_at(time);
    return is_lower(charger, own) ? charger : own;
}

ChargingSchedule CompositeSchedule::compose(std::int64_t connector, TimePoint start, std::int64_t duration_s,
                                            RateUnit unit, Watts unlimited) const {
    const TimePoint end = start + whole_seconds(duration_s);
    const auto next_of = [&](TimePoint time) {
        if (connector != 0) return next_change(connector, time);
        std::optional<TimePoint> first;
        for (std::int64_t each = 1; each <= options_.connectors; ++each) {
            const auto next = next_change(each, time);
            if (next && (!first || *next < *first)) first = next;
        }
        return first;
    };
    ChargingSchedule schedule{.duration = duration_s, .start_schedule = Timestamp{start}, .charging_rate_unit = unit};
    auto& periods = schedule.charging_schedule_period;
    std::optional<TimePoint> time = start;
    for (int instants = 0; time && (*time < end || periods.empty()); ++instants) {
        if (periods.size() >= composite_limit || instants >= instant_limit) break;
        const Watts power = std::min(lowest_at(connector, *time).value_or(unlimited), unlimited);
        const Decimal rate = to_rate(power, unit, options_.phases, options_.voltage);
        const auto offset = std::chrono::floor<seconds>(*time - start).count();
        if (periods.empty() || periods.back().limit != rate) {
            if (!periods.empty() && periods.back().start_period == offset) {
                periods.back().limit = rate;
            } else {
                periods.push_back(ChargingSchedulePeriod{.start_period = offset, .limit = rate});
            }
        }
        time = next_of(*time);
    }
    return schedule;
}

}  // namespace tianqu::ocpp::v16
