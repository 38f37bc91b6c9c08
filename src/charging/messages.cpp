#include "charging/messages.hpp"

namespace tianqu::charging {

std::string_view enum_name(ConnectorStatus status) {
    switch (status) {
        case ConnectorStatus::unknown:
            return "unknown";
        case ConnectorStatus::available:
            return "available";
        case ConnectorStatus::preparing:
            return "preparing";
        case ConnectorStatus::charging:
            return "charging";
        case ConnectorStatus::suspended_by_car:
            return "suspended_by_car";
        case ConnectorStatus::suspended_by_charger:
            return "suspended_by_charger";
        case ConnectorStatus::finishing:
            return "finishing";
        case ConnectorStatus::reserved:
            return "reserved";
        case ConnectorStatus::unavailable:
            return "unavailable";
        case ConnectorStatus::faulted:
            return "faulted";
    }
    return "unknown";
}

std::string_view enum_name(Verdict verdict) {
    switch (verdict) {
        case Verdict::accepted:
            return "accepted";
        case Verdict::blocked:
            return "blocked";
        case Verdict::expired:
            return "expired";
        case Verdict::invalid:
            return "invalid";
        case Verdict::concurrent:
            return "concurrent";
    }
    return "unknown";
}

std::string_view enum_name(Registration registration) {
    switch (registration) {
        case Registration::held:
            return "held";
        case Registration::approved:
            return "approved";
        case Registration::rejected:
            return "rejected";
    }
    return "unknown";
}

std::string_view enum_name(CommandOutcome outcome) {
    switch (outcome) {
        case CommandOutcome::accepted:
            return "accepted";
        case CommandOutcome::rejected:
            return "rejected";
        case CommandOutcome::error:
            return "error";
        case CommandOutcome::timed_out:
            return "timed_out";
        case CommandOutcome::not_sent:
            return "not_sent";
    }
    return "unknown";
}

namespace {

const ChargerId& charger_in(const PermitPower& command) { return command.connector.charger; }
const ChargerId& charger_in(const StartCharging& command) { return command.connector.charger; }
const ChargerId& charger_in(const StopCharging& command) { return command.charger; }
const ChargerId& charger_in(const ProtocolCommand& command) { return command.charger; }

}  // namespace

const ChargerId& charger_of(const CommandBody& body) {
    return std::visit([](const auto& command) -> const ChargerId& { return charger_in(command); }, body);
}

}  // namespace tianqu::charging
