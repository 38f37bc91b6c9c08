#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "base/units.hpp"
#include "ocpp/v16/messages.hpp"

namespace tianqu::ocpp::v16 {

/// The charging profiles a charger holds, and the power they allow: OCPP 1.6 section 3.13. At each instant
/// - of each purpose the valid profile of the highest stack level whose schedule covers the instant counts;
/// - TxProfile, where one covers the instant, stands in for TxDefaultProfile; a TxDefaultProfile of the connector
/// stands
///   before one of connector 0;
/// - ChargePointMaxProfile limits the sum of all connectors; the lowest of the limits holds.
class CompositeSchedule {
public:
    struct Options {
        int connectors = 1;
        int phases = 3;     ///< where a period in amperes names none
        int voltage = 230;  ///< phase to neutral
        int max_stack_level = 8;
        int max_periods = 96;
        std::size_t max_profiles = 32;
        UtcOffset offset;  ///< local clock of Recurring profiles without a start
    };

    explicit CompositeSchedule(Options options) : options_(options) {}

    /// Replaces a profile of the same id, or of the same purpose, connector and stack level. Rejected where the
    /// standard asks for it: TxProfile without a running transaction or for another one, a purpose that does not fit
    /// the connector, unordered or empty periods, too many of them, too high a stack level.
    [[nodiscard]] ChargingProfileStatus install(std::int64_t connector, const ChargingProfile& profile, TimePoint now);
    /// Removes what matches all given fields; how many that were.
    std::size_t clear(const ClearChargingProfileRequest& request);

    void transaction_started(std::int64_t connector, std::int64_t transaction, TimePoint start);
    /// Removes the transaction's TxProfile too.
    void transaction_ended(std::int64_t connector);

    /// What this connector may draw by its own profiles at this time; nothing: no profile limits it.
    [[nodiscard]] std::optional<Watts> limit_at(std::int64_t connector, TimePoint time) const;
    /// What the charger as a whole may draw (ChargePointMaxProfile).
    [[nodiscard]] std::optional<Watts> charger_limit_at(TimePoint time) const;
    /// The first instant after `after` at which a limit may change; nothing when none is known.
    [[nodiscard]] std::optional<TimePoint> next_change(std::int64_t connector, TimePoint after) const;
    /// The answer to GetCompositeSchedule: the lowest of connector and charger limit from `start` on. Instants that no
    /// profile limits carry `unlimited`.
    [[nodiscard]] ChargingSchedule compose(std::int64_t connector, TimePoint start, std::int64_t duration_s,
                                           RateUnit unit, Watts unlimited) const;

    [[nodiscard]] std::size_t profile_count() const { return profiles_.size(); }

private:
    struct Installed {
        std::int64_t connector = 0;
        ChargingProfile profile;
        TimePoint installed_at;
    };
    struct Transaction {
        std::int64_t id = 0;
        TimePoint start;
    };
    /// When the clock of the profile's schedule stood at 0, seen from `time`.
    [[nodiscard]] std::optional<TimePoint> schedule_start(const Installed& installed, std::int64_t connector,
                                                          TimePoint time) const;
    [[nodiscard]] std::optional<Watts> limit_of(const Installed& installed, std::int64_t connector,
                                                TimePoint time) const;
    [[nodiscard]] std::optional<Watts> best(ProfilePurpose purpose, std::int64_t on_connector, std::int64_t connector,
                                            TimePoint time) const;
    [[nodiscard]] bool well_formed(std::int64_t connector, const ChargingProfile& profile) const;
    [[nodiscard]] std::optional<TimePoint> next_change_of(const Installed& installed, std::int64_t connector,
                                                          TimePoint after) const;
    [[nodiscard]] std::optional<Watts> lowest_at(std::int64_t connector, TimePoint time) const;

    Options options_;
    std::vector<Installed> profiles_;
    std::map<std::int64_t, Transaction> transactions_;
};

}  // namespace tianqu::ocpp::v16
