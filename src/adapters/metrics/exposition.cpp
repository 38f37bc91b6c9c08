#include "adapters/metrics/exposition.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <locale>
#include <sstream>

#include "base/assertion.hpp"

namespace tianqu::metrics {

struct Exposition::Impl {
    std::vector<prometheus::MetricFamily> families;

    prometheus::ClientMetric& add(std::string_view name, std::string_view help, prometheus::MetricType type,
                                  const Labels& labels) {
        if (families.empty() || families.back().name != name)
            families.push_back({std::string(name), std::string(help), type, {}});
        TIANQU_ASSERT(families.back().type == type);
        auto& metric = families.back().metric.emplace_back();
        for (const auto& [label, value] : labels) metric.label.push_back({label, value});
        return metric;
    }
};

Exposition::Exposition() : impl_(std::make_unique<Impl>()) {}
Exposition::~Exposition() = default;

Exposition& Exposition::counter(std::string_view name, std::string_view help, std::int64_t value,
                                const Labels& labels) {
    impl_->add(name, help, prometheus::MetricType::Counter, labels).counter.value = static_cast<double>(value);
    return *this;
}

Exposition& Exposition::gauge(std::string_view name, std::string_view help, double value, const Labels& labels) {
    impl_->add(name, help, prometheus::MetricType::Gauge, labels).gauge.value = value;
    return *this;
}

std::string Exposition::text() const {
    std::ostringstream out;
    out.imbue(std::locale::classic());
    prometheus::TextSerializer{}.Serialize(out, impl_->families);
    return out.str();
}

}  // namespace tianqu::metrics
