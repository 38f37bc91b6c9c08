#pragma once

#include <string>
#include <vector>

#include "tariff/tariff_data.hpp"

namespace tianqu::tariff {

/// The price at an instant and where it comes from.
struct Quote {
    Band band = Band::flat;
    PricePerKwh price;
    PricePerKwh floating;  ///< zero when the window states the whole price
    Permille multiplier{1000};
    PricePerKwh fixed;
    Standing calendar_standing = Standing::published;
    std::string calendar_source;
    Standing base_standing = Standing::published;
    std::string base_source;  ///< empty when the window states the whole price
    TimePoint from;           ///< the price holds from here …
    TimePoint until;          ///< … to here, within the local day

    /// "0.5014 × 1.7 + 0.133 = 0.98538 元/kWh"
    [[nodiscard]] std::string derivation() const;

    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "band", self.band);
        visit(2, "price", self.price);
        visit(3, "floating", self.floating);
        visit(4, "multiplier_permille", self.multiplier);
        visit(5, "fixed", self.fixed);
        visit(6, "calendar_standing", self.calendar_standing);
        visit(7, "calendar_source", self.calendar_source);
        visit(8, "base_standing", self.base_standing);
        visit(9, "base_source", self.base_source);
        visit(10, "from", self.from);
        visit(11, "until", self.until);
    }
};

/// A stretch of time with one band and one price.
struct PriceSpan {
    TimePoint from;
    TimePoint until;
    Band band = Band::flat;
    PricePerKwh price;

    auto operator<=>(const PriceSpan&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "from", self.from);
        visit(2, "until", self.until);
        visit(3, "band", self.band);
        visit(4, "price", self.price);
    }
};

/// The part of an energy that fell into one price span.
struct CostPart {
    PriceSpan span;
    WattHours energy;
    Money cost;

    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "span", self.span);
        visit(2, "energy_wh", self.energy);
        visit(3, "cost", self.cost);
    }
};

/// One thing wrong with tariff data: where ("calendars[0].windows[3]"), value, and what was expected.
struct TariffProblem {
    std::string place;
    std::string field;
    std::string value;
    std::string expected;
    std::size_t calendar = 0;
    std::size_t window = 0;  ///< position in its calendar, when the problem is a window's
};

/// Overlapping validities, windows that overlap or leave a gap in a month, prices out of range …; empty when all is
/// well.
[[nodiscard]] std::vector<TariffProblem> find_problems(const TariffData& data);

/// Longest stretch that `spans` answers for in one call.
inline constexpr int max_span_days = 370;

/// A checked tariff. Prices are exact in 10⁻⁵ yuan/kWh (floating × multiplier rounded half away from zero when it is
/// finer).
class Tariff {
public:
    [[nodiscard]] static Result<Tariff> build(TariffData data, UtcOffset offset);

    [[nodiscard]] const TariffData& data() const { return data_; }
    [[nodiscard]] UtcOffset offset() const { return offset_; }

    /// `not_found` when no calendar, or no base price where one is needed, is valid at that time.
    [[nodiscard]] Result<Quote> quote_at(TimePoint time) const;
    [[nodiscard]] Result<PricePerKwh> price_at(TimePoint time) const;
    /// The local day that contains `time`, midnight to midnight, neighbours of one band and price joined.
    [[nodiscard]] Result<std::vector<PriceSpan>> day(TimePoint time) const;
    /// [from, until) cut at every change of band or price. `invalid_input` when until < from or the stretch is too
    /// long.
    [[nodiscard]] Result<std::vector<PriceSpan>> spans(TimePoint from, TimePoint until) const;

    /// An energy taken at constant power over [from, until), cut at band borders by largest remainder: the parts'
    /// energies add up to `energy` exactly. With from == until all of it has the price of that instant.
    [[nodiscard]] Result<std::vector<CostPart>> split_cost(TimePoint from, TimePoint until, WattHours energy) const;
    [[nodiscard]] Result<Money> cost_of(TimePoint from, TimePoint until, WattHours energy) const;

private:
    Tariff() = default;

    TariffData data_;
    UtcOffset offset_;
};

}  // namespace tianqu::tariff
