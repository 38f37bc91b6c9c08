#include "tariff/tariff.hpp"

#include <algorithm>

#include "base/assertion.hpp"

namespace tianqu::tariff {

namespace {

constexpr std::chrono::hours one_day{24};

LocalDate date_of(const LocalTime& local) {
    return {local.year, static_cast<int>(local.month), static_cast<int>(local.day)};
}

template <class Dated>
const Dated* valid_on(const std::vector<Dated>& entries, LocalDate date) {
    for (const auto& entry : entries) {
        if (entry.valid_from <= date && (!entry.valid_until || date < *entry.valid_until)) return &entry;
    }
    return nullptr;
}

const Window* window_at(const Calendar& calendar, int month, int minute) {
    for (const auto& window : calendar.windows) {
        if (minute >= window.start_minute && minute < window.end_minute &&
            std::ranges::find(window.months, month) != window.months.end()) {
            return &window;
        }
    }
    return nullptr;
}

void append_joined(std::vector<PriceSpan>& spans, const PriceSpan& next) {
    if (!spans.empty() && spans.back().band == next.band && spans.back().price == next.price) {
        spans.back().until = next.until;
    } else {
        spans.push_back(next);
    }
}

}  // namespace

std::string Quote::derivation() const {
    if (base_source.empty() && floating.count == 0) return format_yuan_per_kwh(price) + " 元/kWh";
    return format_yuan_per_kwh(floating) + " × " + format_decimal(multiplier.count, 3) + " + " +
           format_yuan_per_kwh(fixed) + " = " + format_yuan_per_kwh(price) + " 元/kWh";
}

Result<Tariff> Tariff::build(TariffData data, UtcOffset offset) {
    if (const auto problems = find_problems(data); !problems.empty()) {
        const auto& first = problems.front();
        return fail(Error{ErrorCode::invalid_input,
                          "tariff '" + data.id + "' " + first.place + ": field '" + first.field + "' is '" +
                              first.value + "': expected " + first.expected,
                          {{"tariff", data.id},
                           {"place", first.place},
                           {"field", first.field},
                           {"value", first.value},
                           {"expected", first.expected}}});
    }
    Tariff tariff;
    tariff.data_ = std::move(data);
    tariff.offset_ = offset;
    return tariff;
}

Result<Quote> Tariff::quote_at(TimePoint time) const {
    const auto local = to_local(time, offset_);
    const auto date = date_of(local);
    const auto nothing_valid = [&](const char* what) {
        return fail(Error{ErrorCode::not_found,
                          "tariff '" + data_.id + "' has no " + what + " valid on " + format_date(date),
                          {{"tariff", data_.id}, {"date", format_date(date)}}});
    };
    const auto* const calendar = valid_on(data_.calendars, date);
    if (calendar == nullptr) return nothing_valid("calendar");
    const auto* const window = window_at(*calendar, date.month, local.minute_of_day);
    TIANQU_ASSERT(window != nullptr);

    Quote quote{.band = window->band,
                .multiplier = window->multiplier,
                .calendar_standing = calendar->standing,
                .calendar_source = calendar->source,
                .base_standing = calendar->standing};
    const auto midnight = local_midnight(time, offset_);
    quote.from = midnight + std::chrono::minutes{window->start_minute};
    quote.until = midnight + std::chrono::minutes{window->end_minute};
    if (window->price) {
        quote.price = *window->price;
        quote.fixed = *window->price;
        return quote;
    }
    const auto* const base = valid_on(data_.base_prices, date);
    if (base == nullptr) return nothing_valid("base price");
    quote.floating = base->floating;
    quote.fixed = base->fixed;
    quote.base_standing = base->standing;
    quote.base_source = base->source;
    quote.price = PricePerKwh{multiply_divide(base->floating.count, window->multiplier.count, 1000)} + base->fixed;
    return quote;
}

Result<PricePerKwh> Tariff::price_at(TimePoint time) const {
    const auto quote = quote_at(time);
    if (!quote) return std::unexpected(quote.error());
    return quote->price;
}

Result<std::vector<PriceSpan>> Tariff::day(TimePoint time) const {
    const auto midnight = local_midnight(time, offset_);
    return spans(midnight, midnight + one_day);
}

Result<std::vector<PriceSpan>> Tariff::spans(TimePoint from, TimePoint until) const {
    if (until < from || until - from > max_span_days * one_day) {
        return fail(Error{ErrorCode::invalid_input,
                          "expected a stretch of time of 0 to " + std::to_string(max_span_days) + " days",
                          {{"from", format_time(from)}, {"until", format_time(until)}}});
    }
    std::vector<PriceSpan> spans;
    for (TimePoint at = from; at < until;) {
        const auto quote = quote_at(at);
        if (!quote) return std::unexpected(quote.error());
        TIANQU_ASSERT(quote->until > at);
        const auto end = std::min(until, quote->until);
        append_joined(spans, {at, end, quote->band, quote->price});
        at = end;
    }
    return spans;
}

Result<std::vector<CostPart>> Tariff::split_cost(TimePoint from, TimePoint until, WattHours energy) const {
    if (from == until) {
        const auto quote = quote_at(from);
        if (!quote) return std::unexpected(quote.error());
        return std::vector{
            CostPart{{from, until, quote->band, quote->price}, energy, tianqu::cost(quote->price, energy)}};
    }
    const auto pieces = spans(from, until);
    if (!pieces) return std::unexpected(pieces.error());
    const auto total_ms = (until - from).count();
    struct Share {
        std::int64_t whole = 0;
        std::int64_t remainder = 0;
        std::size_t position = 0;
    };
    std::vector<Share> shares;
    std::int64_t left = energy.count;
    for (std::size_t at = 0; at < pieces->size(); ++at) {
        const auto product = static_cast<__int128>(energy.count) * ((*pieces)[at].until - (*pieces)[at].from).count();
        // Rounded towards minus infinity, so that what is left over is never negative, also for a correction below
        // zero.
        auto whole = static_cast<std::int64_t>(product / total_ms);
        auto remainder = static_cast<std::int64_t>(product % total_ms);
        if (remainder < 0) {
            --whole;
            remainder += total_ms;
        }
        shares.push_back({whole, remainder, at});
        left -= whole;
    }
    TIANQU_ASSERT(left >= 0 && left <= static_cast<std::int64_t>(shares.size()));
    std::ranges::sort(shares, [](const Share& a, const Share& b) {
        return a.remainder != b.remainder ? a.remainder > b.remainder : a.position < b.position;
    });
    std::vector<CostPart> parts(pieces->size());
    for (std::size_t rank = 0; rank < shares.size(); ++rank) {
        const auto& share = shares[rank];
        auto& part = parts[share.position];
        part.span = (*pieces)[share.position];
        part.energy = WattHours{share.whole + (static_cast<std::int64_t>(rank) < left ? 1 : 0)};
        part.cost = tianqu::cost(part.span.price, part.energy);
    }
    return parts;
}

Result<Money> Tariff::cost_of(TimePoint from, TimePoint until, WattHours energy) const {
    const auto parts = split_cost(from, until, energy);
    if (!parts) return std::unexpected(parts.error());
    Money sum;
    for (const auto& part : *parts) sum += part.cost;
    return sum;
}

}  // namespace tianqu::tariff
