#include <algorithm>

#include <fmt/format.h>
#include "simulation/charger_impl.hpp"

namespace tianqu::simulation {

namespace v16 = ocpp::v16;

namespace {

/// So many unanswered calls in a row mean that the connection is dead.
constexpr int dead_after_timeouts = 3;

v16::SampledValue sampled(std::string value, v16::ReadingContext context, v16::Measurand measurand,
                          v16::UnitOfMeasure unit) {
    v16::SampledValue sample;
    sample.value = std::move(value);
    sample.context = context;
    sample.measurand = measurand;
    sample.unit = unit;
    return sample;
}

}  // namespace

v16::MeterValue VirtualCharger::Impl::read_meter(const Connector& connector, v16::ReadingContext context,
                                                 const char* list_key, TimePoint now) const {
    v16::MeterValue reading;
    reading.timestamp = now;
    const std::int64_t power = power_of(connector, now).count;
    const auto add = [&](const char* name, std::string value, v16::Measurand measurand, v16::UnitOfMeasure unit) {
        if (!configuration.lists(list_key, name)) return;
        reading.sampled_value.push_back(sampled(std::move(value), context, measurand, unit));
    };
    add("Energy.Active.Import.Register", std::to_string(to_watt_hours(connector.meter).count),
        v16::Measurand::energy_active_import_register, v16::UnitOfMeasure::wh);
    add("Power.Active.Import", std::to_string(power), v16::Measurand::power_active_import, v16::UnitOfMeasure::w);
    const std::int64_t volts = phase_voltage * std::max(connector.spec.phases, 1);
    add("Current.Import", format_decimal(multiply_divide(power, 10, volts), 1), v16::Measurand::current_import,
        v16::UnitOfMeasure::a);
    add("Voltage", std::to_string(phase_voltage), v16::Measurand::voltage, v16::UnitOfMeasure::v);
    if (connector.car && connector.spec.current == grid::Current::dc) {
        add("SoC", std::to_string(connector.car->state_of_charge()), v16::Measurand::state_of_charge,
            v16::UnitOfMeasure::percent);
    }
    // The connector warms with its load.
    add("Temperature",
        std::to_string(15 + multiply_divide(power, 30, std::max<std::int64_t>(connector.spec.max_power.count, 1))),
        v16::Measurand::temperature, v16::UnitOfMeasure::celsius);
    return reading;
}

void VirtualCharger::Impl::sample(Connector& connector, v16::ReadingContext context, TimePoint now) {
    const bool aligned = context == v16::ReadingContext::sample_clock;
    v16::MeterValuesRequest request;
    request.connector_id = connector.number;
    request.meter_value.push_back(
        read_meter(connector, context, aligned ? "MeterValuesAlignedData" : "MeterValuesSampledData", now));
    if (request.meter_value.front().sampled_value.empty()) return;
    if (connector.transaction) return outbox.add_transactional(std::move(request), connector.transaction->local);
    if (may_send()) outbox.add(std::move(request), connector.number);
}

v16::ChargePointStatus VirtualCharger::Impl::status_of(const Connector& connector, TimePoint now) const {
    using Status = v16::ChargePointStatus;
    if (connector.faulty()) return Status::faulted;
    if (connector.transaction) {
        if (connector.car->satisfied()) return Status::suspended_ev;
        return power_of(connector, now).count > 0 ? Status::charging : Status::suspended_evse;
    }
    if (!connector.operative) return Status::unavailable;
    if (connector.car) return connector.stage == Stage::finished ? Status::finishing : Status::preparing;
    if (connector.remote) return Status::preparing;
    return connector.reservation ? Status::reserved : Status::available;
}

void VirtualCharger::Impl::refresh_status(Connector& connector, TimePoint now, bool first) {
    if (!may_send()) return;
    const v16::ChargePointStatus status = status_of(connector, now);
    if (connector.reported == status) return;
    connector.reported = status;
    v16::StatusNotificationRequest request;
    request.connector_id = connector.number;
    request.error_code = connector.error;
    request.status = status;
    request.timestamp = now;
    if (first) {
        outbox.add_first(std::move(request), connector.number);
    } else {
        outbox.add(std::move(request), connector.number);
    }
}

void VirtualCharger::Impl::refresh_all(TimePoint now, bool first) {
    for (Connector& connector : connectors) refresh_status(connector, now, first);
}

void VirtualCharger::Impl::pump(TimePoint now) {
    while (link == Link::up && peer->calls_pending() == 0) {
        std::optional<v16::Request> request;
        if (accepted) {
            request = outbox.next(now, true);
        } else if (boot_at <= now) {
            v16::BootNotificationRequest boot;
            boot.charge_point_vendor = "Tianqu Simulator";
            boot.charge_point_model = options.site.connectors.front().current == grid::Current::dc ? "VDC" : "VAC";
            boot.charge_point_serial_number = fmt::format("{:016X}", name_hash);
            boot.firmware_version = "synthetic-1";
            boot_at = never;
            request = std::move(boot);
        }
        if (!request) return;
        if (peer->call(std::move(*request))) {
            heartbeat_at = now + std::max(configuration.seconds("HeartbeatInterval"), Milliseconds{1'000});
            handle(peer->flush(now), now);
            return;
        }
        if (outbox.under_way() != nullptr) outbox.settle(Outbox::Fate::give_up);
    }
}

void VirtualCharger::Impl::handle(v16::PeerOutput output, TimePoint now) {
    for (std::string& frame : output.frames) frames.push_back(std::move(frame));
    for (const auto& call : output.calls) {
        v16::PeerOutput answered = peer->answer(call.number, answer(call.request, now));
        for (std::string& frame : answered.frames) frames.push_back(std::move(frame));
    }
    for (const auto& call : output.completed) complete(call, now);
}

void VirtualCharger::Impl::complete(const v16::CompletedCall& call, TimePoint now) {
    const bool answered = call.outcome == ocpp::CallOutcome::answered;
    timeouts_in_a_row = call.outcome == ocpp::CallOutcome::timed_out ? timeouts_in_a_row + 1 : 0;
    if (timeouts_in_a_row >= dead_after_timeouts && link == Link::up) {
        link = Link::closing;
        wish = LinkWish::close;
    }
    if (outbox.under_way() == nullptr) {
        if (std::holds_alternative<v16::BootNotificationRequest>(call.request)) complete_boot(call, now);
        return;
    }
    const Outbox::Entry entry = *outbox.under_way();
    const bool refused_for_good = call.outcome == ocpp::CallOutcome::refused &&
                                  entry.attempts + 1 >= configuration.number("TransactionMessageAttempts");
    const Milliseconds pause = configuration.seconds("TransactionMessageRetryInterval") * (entry.attempts + 1);
    if (answered) {
        outbox.settle(Outbox::Fate::delivered);
    } else {
        outbox.settle(refused_for_good ? Outbox::Fate::give_up : Outbox::Fate::try_again, now + pause);
    }
    if (std::holds_alternative<v16::StartTransactionRequest>(call.request) && answered) {
        complete_start(entry.transaction, call, now);
    }
    if (std::holds_alternative<v16::AuthorizeRequest>(call.request)) complete_authorize(entry.connector, call, now);
    if (std::holds_alternative<v16::DataTransferRequest>(call.request) && !answered) {
        Connector* connector = find(entry.connector);
        if (connector != nullptr && connector->transaction) connector->transaction->target_told = false;
    }
}

void VirtualCharger::Impl::complete_boot(const v16::CompletedCall& call, TimePoint now) {
    Milliseconds again{60'000};
    if (call.outcome == ocpp::CallOutcome::answered && call.response) {
        const auto& response = std::get<v16::BootNotificationResponse>(*call.response);
        if (response.interval > 0) again = Milliseconds{response.interval * 1000};
        if (response.status == v16::RegistrationStatus::accepted) {
            accepted = true;
            ever_accepted = true;
            if (response.interval > 0) configuration.set_heartbeat(response.interval);
            for (Connector& connector : connectors) connector.reported.reset();
            refresh_all(now, true);
            try_start_all(now);
            return;
        }
    }
    boot_at = now + again;
}

void VirtualCharger::Impl::complete_start(LocalTransaction local, const v16::CompletedCall& call, TimePoint now) {
    if (!call.response) return;
    const auto& response = std::get<v16::StartTransactionResponse>(*call.response);
    outbox.set_transaction_id(local, response.transaction_id);
    const auto at = std::ranges::find_if(
        connectors, [&](const Connector& c) { return c.transaction && c.transaction->local == local; });
    if (at == connectors.end()) return;
    Connector& connector = *at;
    connector.transaction->id = response.transaction_id;
    profiles.transaction_started(connector.number, response.transaction_id, connector.transaction->start);
    if (response.id_tag_info.status != v16::AuthorizationStatus::accepted &&
        configuration.truth("StopTransactionOnInvalidId")) {
        stop_transaction(connector, v16::StopReason::de_authorized, now, Stage::finished);
        return refresh_status(connector, now);
    }
    if (connector.transaction->profile) {
        static_cast<void>(profiles.install(connector.number, *connector.transaction->profile, now));
        connector.transaction->profile.reset();
    }
    tell_target(connector);
}

void VirtualCharger::Impl::complete_authorize(std::int64_t number, const v16::CompletedCall& call, TimePoint now) {
    Connector* connector = find(number);
    if (connector == nullptr || connector->stage != Stage::authorizing || !connector->car) return;
    const auto& asked = std::get<v16::AuthorizeRequest>(call.request).id_tag;
    connector->stage = Stage::waiting;
    const bool mine = asked == connector->visit.token || (connector->remote && asked == connector->remote->tag);
    if (!mine) return try_start(*connector, now);
    if (call.outcome != ocpp::CallOutcome::answered || !call.response) {
        // No word from the operator: the driver is trusted as he is when the charger is offline.
        if (configuration.truth("AllowOfflineTxForUnknownId")) start_transaction(*connector, asked, now);
    } else if (std::get<v16::AuthorizeResponse>(*call.response).id_tag_info.status ==
               v16::AuthorizationStatus::accepted) {
        start_transaction(*connector, asked, now);
    } else {
        connector->stage = Stage::finished;
    }
    refresh_status(*connector, now);
}

void VirtualCharger::Impl::link_lost(TimePoint now) {
    if (peer) static_cast<void>(peer->on_close());
    peer.reset();
    frames.clear();
    outbox.connection_lost();
    const bool was_up = link == Link::up;
    link = Link::down;
    wish = LinkWish::none;
    timeouts_in_a_row = 0;
    if (!accepted) boot_at = now;
    for (Connector& connector : connectors) {
        connector.reported.reset();
        if (connector.stage == Stage::authorizing) connector.stage = Stage::waiting;
        if (connector.transaction) connector.transaction->target_told = false;
    }
    failures = was_up ? 0 : std::min(failures + 1, 16);
    const std::int64_t longest =
        std::min(options.reconnect_most.count(), options.reconnect_first.count() << std::min(failures, 16));
    reconnect_at = now + Milliseconds{jitter.between(longest / 2, longest)};
    try_start_all(now);
}

void VirtualCharger::connected(TimePoint now) {
    Impl& impl = *impl_;
    impl.advance(now);
    if (impl.link != Impl::Link::opening) return;
    impl.link = Impl::Link::up;
    impl.failures = 0;
    ocpp::PeerOptions options;
    options.role = ocpp::Role::charge_point;
    options.call_timeout = impl.options.call_timeout;
    options.message_id_prefix = fmt::format("{:x}-", ++impl.connections);
    impl.peer.emplace(std::move(options));
    if (impl.accepted) {
        impl.heartbeat_at = now;
        impl.refresh_all(now, true);
        for (Connector& connector : impl.connectors) {
            if (connector.transaction) impl.tell_target(connector);
        }
    }
    impl.pump(now);
}

void VirtualCharger::disconnected(TimePoint now) {
    impl_->advance(now);
    impl_->integrate(now);
    impl_->link_lost(now);
}

void VirtualCharger::received(std::string_view frame, TimePoint now) {
    Impl& impl = *impl_;
    impl.advance(now);
    if (impl.link != Impl::Link::up) return;
    // What the frame changes holds from now on; what was drawn before was drawn under the old limits.
    impl.integrate(now);
    impl.handle(impl.peer->on_frame(frame, now), now);
    impl.pump(now);
}

}  // namespace tianqu::simulation
