/// Meter values to the domain's samples.

#include <algorithm>
#include <array>
#include <utility>

#include "base/units.hpp"
#include "ocpp/json.hpp"
#include "ocpp/v16_domain.hpp"

namespace tianqu::ocpp::v16 {

namespace {

using charging::MeterSample;

/// Thousandths of a base unit: mWh, mW, mA, mV, 10⁻³ °C, 10⁻³ per cent.
std::optional<std::int64_t> in_thousandths(const SampledValue& sample, Measurand measurand) {
    const auto scaled = [&](int digits) { return scaled_number(sample.value, digits); };
    const auto unit_is = [&](UnitOfMeasure unit) { return sample.unit == unit; };
    switch (measurand) {
        case Measurand::energy_active_import_register:
            // The standard's default unit; a unit that is no energy is never guessed at: money hangs on it.
            if (!sample.unit || unit_is(UnitOfMeasure::wh)) return scaled(3);
            return unit_is(UnitOfMeasure::kwh) ? scaled(6) : std::nullopt;
        case Measurand::power_active_import:
        case Measurand::power_offered:
            if (!sample.unit || unit_is(UnitOfMeasure::w)) return scaled(3);
            return unit_is(UnitOfMeasure::kw) ? scaled(6) : std::nullopt;
        case Measurand::current_import:
            return !sample.unit || unit_is(UnitOfMeasure::a) ? scaled(3) : std::nullopt;
        case Measurand::voltage:
            return !sample.unit || unit_is(UnitOfMeasure::v) ? scaled(3) : std::nullopt;
        case Measurand::state_of_charge:
            return scaled(3);
        case Measurand::temperature: {
            const auto value = scaled(3);
            if (!value || std::abs(*value) > 10'000'000) return std::nullopt;
            if (unit_is(UnitOfMeasure::k)) return *value - 273'150;
            if (unit_is(UnitOfMeasure::fahrenheit)) return multiply_divide(*value - 32'000, 5, 9);
            return value;
        }
        default:
            return std::nullopt;
    }
}

/// One quantity of one sample: as a whole, and by phase.
class Quantities {
public:
    void add(const SampledValue& sample, std::int64_t thousandths) {
        const bool at_outlet = !sample.location || *sample.location == Location::outlet;
        // What the car's side meter says comes before any other place of the same quantity.
        if (at_outlet && !at_outlet_) *this = Quantities{};
        if (!at_outlet && at_outlet_) return;
        at_outlet_ = at_outlet;
        if (!sample.phase) {
            whole_ = thousandths;
        } else if (const auto index = static_cast<std::size_t>(*sample.phase); index < by_phase_.size()) {
            by_phase_[index] = thousandths;
        }
    }

    /// The whole, or the sum of the phases.
    [[nodiscard]] std::optional<std::int64_t> total() const {
        if (whole_) return whole_;
        return first_set([](std::span<const std::optional<std::int64_t>> phases) {
            std::int64_t sum = 0;
            for (const auto& phase : phases) sum += phase.value_or(0);
            return sum;
        });
    }
    /// The largest phase, or the whole where none is told.
    [[nodiscard]] std::optional<std::int64_t> largest() const {
        const auto phase = first_set([](std::span<const std::optional<std::int64_t>> phases) {
            return std::ranges::max(phases, {}, [](const auto& each) { return each.value_or(INT64_MIN); }).value_or(0);
        });
        return phase ? phase : whole_;
    }

private:
    /// L1, L2, L3; if none of them, L1-N, L2-N, L3-N.
    template <class Function>
    [[nodiscard]] std::optional<std::int64_t> first_set(Function function) const {
        constexpr auto to_neutral = static_cast<std::size_t>(Phase::l1_n);
        for (const std::size_t from : {std::size_t{0}, to_neutral}) {
            const auto phases = std::span(by_phase_).subspan(from, 3);
            if (std::ranges::any_of(phases, [](const auto& each) { return each.has_value(); })) return function(phases);
        }
        return std::nullopt;
    }

    bool at_outlet_ = false;
    std::optional<std::int64_t> whole_;
    std::array<std::optional<std::int64_t>, static_cast<std::size_t>(Phase::l1_l2)> by_phase_;
};

std::int64_t to_whole(std::int64_t thousandths) { return multiply_divide(thousandths, 1, 1000); }

/// Values beyond this are no readings of a charger; below it sums cannot overflow.
constexpr std::int64_t highest_thousandths = 10'000'000'000'000'000;

/// What the domain knows of; the place of each in an array of quantities.
constexpr std::array read_measurands{Measurand::energy_active_import_register,
                                     Measurand::power_active_import,
                                     Measurand::power_offered,
                                     Measurand::current_import,
                                     Measurand::voltage,
                                     Measurand::temperature,
                                     Measurand::state_of_charge};

std::size_t place_of(Measurand measurand) {
    return static_cast<std::size_t>(std::ranges::find(read_measurands, measurand) - read_measurands.begin());
}

/// The standard's default.
ReadingContext context_of(const SampledValue& sampled) {
    return sampled.context.value_or(ReadingContext::sample_periodic);
}

MeterSample to_sample(const MeterValue& value, ReadingContext context, TimePoint received) {
    std::array<Quantities, read_measurands.size()> quantities;
    for (const auto& sampled : value.sampled_value) {
        if (context_of(sampled) != context || sampled.format.value_or(ValueFormat::raw) != ValueFormat::raw) continue;
        const Measurand measurand = sampled.measurand.value_or(Measurand::energy_active_import_register);
        const std::size_t place = place_of(measurand);
        if (place == quantities.size()) continue;
        const auto thousandths = in_thousandths(sampled, measurand);
        if (!thousandths || std::abs(*thousandths) > highest_thousandths) continue;
        quantities[place].add(sampled, *thousandths);
    }
    const auto of = [&](Measurand measurand) -> const Quantities& { return quantities[place_of(measurand)]; };
    MeterSample sample{.claimed = value.timestamp.or_else(received)};
    const auto energy = of(Measurand::energy_active_import_register).total();
    if (energy && *energy >= 0) sample.energy_register = WattHours{to_whole(*energy)};
    if (const auto power = of(Measurand::power_active_import).total()) sample.power = Watts{to_whole(*power)};
    if (const auto offered = of(Measurand::power_offered).total()) sample.offered = Watts{to_whole(*offered)};
    sample.current_ma = of(Measurand::current_import).largest();
    sample.voltage_mv = of(Measurand::voltage).largest();
    sample.temperature_mc = of(Measurand::temperature).largest();
    if (const auto charge = of(Measurand::state_of_charge).largest()) {
        sample.state_of_charge = Permille{std::clamp<std::int64_t>(multiply_divide(*charge, 1, 100), 0, 1000)};
    }
    if (context != ReadingContext::sample_periodic) sample.context = enum_name(context);
    return sample;
}

bool says_something(const MeterSample& sample) {
    return sample.energy_register || sample.power || sample.current_ma || sample.voltage_mv || sample.temperature_mc ||
           sample.state_of_charge || sample.offered;
}

}  // namespace

std::vector<MeterSample> to_samples(std::span<const MeterValue> values, TimePoint received) {
    std::vector<MeterSample> samples;
    for (const auto& value : values) {
        // Some chargers put a transaction's first and last reading under one timestamp: they stay two samples.
        std::array<bool, static_cast<std::size_t>(ReadingContext::unrecognised) + 1> done{};
        for (const auto& sampled : value.sampled_value) {
            const ReadingContext context = context_of(sampled);
            if (std::exchange(done[static_cast<std::size_t>(context)], true)) continue;
            auto sample = to_sample(value, context, received);
            if (says_something(sample)) samples.push_back(std::move(sample));
        }
    }
    return samples;
}

}  // namespace tianqu::ocpp::v16
