#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace tianqu {

/// A text identifier that cannot be mixed up with one of another kind.
template <class Tag>
struct Id {
    std::string value;

    Id() = default;
    explicit Id(std::string text) : value(std::move(text)) {}
    explicit Id(std::string_view text) : value(text) {}
    explicit Id(const char* text) : value(text) {}

    auto operator<=>(const Id&) const = default;
    [[nodiscard]] bool empty() const { return value.empty(); }
};

/// A whole-number identifier.
template <class Tag>
struct NumberId {
    std::int64_t value = 0;

    constexpr NumberId() = default;
    constexpr explicit NumberId(std::int64_t number) : value(number) {}
    constexpr auto operator<=>(const NumberId&) const = default;
};

using TenantId = Id<struct TenantTag>;        ///< whose data; "city" by default
using PrincipalId = Id<struct PrincipalTag>;  ///< who caused it: "charger:…", "user:…", "key:…", "system:dispatch"
using ChargerId = Id<struct ChargerTag>;
using NodeId = Id<struct NodeTag>;  ///< of the grid: city, substation, feeder, transformer, station
using TokenId = Id<struct TokenTag>;
using UserId = Id<struct UserTag>;
using CommandId = Id<struct CommandTag>;
using AlarmId = Id<struct AlarmTag>;

/// Also the OCPP 1.6 transactionId: durable, never reused.
using SessionId = NumberId<struct SessionTag>;
/// 1-based at its charger; 0 is the charger as a whole.
using ConnectorNumber = NumberId<struct ConnectorTag>;

struct ConnectorKey {
    ChargerId charger;
    ConnectorNumber connector;
    auto operator<=>(const ConnectorKey&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit(1, "charger", self.charger);
        visit(2, "connector", self.connector);
    }
};

}  // namespace tianqu

template <class Tag>
struct std::hash<tianqu::Id<Tag>> {
    std::size_t operator()(const tianqu::Id<Tag>& id) const noexcept { return std::hash<std::string>{}(id.value); }
};

template <class Tag>
struct std::hash<tianqu::NumberId<Tag>> {
    std::size_t operator()(tianqu::NumberId<Tag> id) const noexcept { return std::hash<std::int64_t>{}(id.value); }
};

template <>
struct std::hash<tianqu::ConnectorKey> {
    std::size_t operator()(const tianqu::ConnectorKey& key) const noexcept {
        return std::hash<std::string>{}(key.charger.value) * 31 + static_cast<std::size_t>(key.connector.value);
    }
};
