#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "grid/node.hpp"
#include "simulation/truth.hpp"
#include "simulation/visits.hpp"

namespace tianqu::simulation {

struct ChargerOptions {
    grid::ChargerSite site;
    grid::StationKind kind = grid::StationKind::public_site;
    VisitOptions visits;
    TimePoint start;  ///< cars come from here on
    Milliseconds meter_interval{60'000};
    Milliseconds call_timeout{30'000};
    Milliseconds reconnect_first{10'000};  ///< doubles up to `reconnect_most`, each time with jitter
    Milliseconds reconnect_most{300'000};
    std::int64_t trouble_permille = 0;  ///< chance of a trouble in a day
};

/// What the charger wants of its socket.
enum class LinkWish : std::uint8_t { none, open, close };

struct ChargerCounts {
    std::size_t plugged = 0;
    std::size_t charging = 0;
    Watts power;
    std::uint64_t dropped = 0;
    std::uint64_t waiting = 0;
};

/// A charge point of OCPP 1.6 with its connectors, the cars that come to it and its meter. Pure: time, frames and the
/// fate of its socket come in; frames and wishes go out. It integrates exactly between events, so it needs no ticks of
/// its own: `next_due` says when it wants to be looked at again.
class VirtualCharger {
public:
    explicit VirtualCharger(ChargerOptions options);
    ~VirtualCharger();
    VirtualCharger(VirtualCharger&&) noexcept;
    VirtualCharger& operator=(VirtualCharger&&) noexcept;

    /// Everything up to `now` happens, each at its own time.
    void advance(TimePoint now);
    [[nodiscard]] TimePoint next_due() const;

    /// Taken note of by the caller: after `open` it reports `connected` or `disconnected`, after `close`
    /// `disconnected`.
    [[nodiscard]] LinkWish take_link_wish();
    void connected(TimePoint now);
    void disconnected(TimePoint now);
    void received(std::string_view frame, TimePoint now);
    /// Frames to send, in order.
    [[nodiscard]] std::vector<std::string> take_frames();

    [[nodiscard]] const grid::ChargerSite& site() const;
    /// Energy of all connectors by slot from `slot_start(start, slot_length)` on, as far as recorded.
    [[nodiscard]] const std::vector<Energy>& slots() const;
    /// Visits that have begun, in order of arrival at each connector.
    [[nodiscard]] std::vector<VisitRecord> visits() const;
    [[nodiscard]] ChargerCounts counts(TimePoint now) const;

    struct Impl;  // in charger_impl.hpp, for this module alone

private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace tianqu::simulation
