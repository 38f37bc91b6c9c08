#pragma once

#include <cstdint>

#include "base/time.hpp"
#include "ocpp/v16/core.hpp"

namespace tianqu::simulation {

/// Something that goes wrong at a charger for a while.
struct Trouble {
    enum class Kind : std::uint8_t {
        offline,     ///< the network is gone; charging goes on, messages wait
        fault,       ///< a connector reports an error and gives no power
        power_loss,  ///< the charger is dead and boots again
    };
    Kind kind = Kind::offline;
    TimePoint begin;
    TimePoint end;
    std::size_t connector = 0;  ///< position of the faulty one
    ocpp::v16::ChargePointErrorCode error = ocpp::v16::ChargePointErrorCode::no_error;
};

/// The first trouble that begins at or after `from`; one beyond all time when there is none. At most one begins on a
/// day, with this chance; it is over before the day after the next.
[[nodiscard]] Trouble next_trouble(std::uint64_t seed, std::uint64_t charger, std::size_t connectors,
                                   std::int64_t chance_permille, TimePoint from);

inline constexpr TimePoint never{Milliseconds{std::int64_t{1} << 60}};

}  // namespace tianqu::simulation
