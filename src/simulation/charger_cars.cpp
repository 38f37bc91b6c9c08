#include <algorithm>

#include "base/json_writer.hpp"
#include "simulation/charger_impl.hpp"

namespace tianqu::simulation {

namespace v16 = ocpp::v16;

void VirtualCharger::Impl::arrive(Connector& connector, TimePoint now) {
    connector.visit = *connector.source->next();
    connector.source->advance();
    if (connector.visit.departure <= now) return;  // came and left while nobody looked
    connector.car.emplace(connector.visit.car, connector.spec, connector.visit.stored,
                          to_energy(connector.visit.asked));
    connector.stage = Stage::waiting;
    connector.record.reset();
    if (now < options.start + most_recorded) {
        connector.record = records.size();
        records.push_back({connector.visit, Energy{0}, false});
    }
}

void VirtualCharger::Impl::depart(Connector& connector, TimePoint now) {
    if (connector.transaction) stop_transaction(connector, v16::StopReason::ev_disconnected, now, Stage::finished);
    if (connector.record) {
        records[*connector.record].delivered = connector.car->taken();
        records[*connector.record].departed = true;
    }
    connector.record.reset();
    connector.car.reset();
    connector.stage = Stage::waiting;
}

void VirtualCharger::Impl::try_start(Connector& connector, TimePoint now) {
    if (!connector.car || connector.transaction || connector.stage != Stage::waiting) return;
    if (!powered || !ever_accepted || connector.faulty() || !connector.operative || restart_at != never) return;
    std::string tag = connector.visit.token;
    if (connector.remote) {
        tag = connector.remote->tag;
        if (!configuration.truth("AuthorizeRemoteTxRequests")) return start_transaction(connector, tag, now);
    }
    if (connector.reservation && connector.reservation->tag != tag) return;
    const auto listed = local_list.find(tag);
    const bool known = configuration.truth("LocalAuthListEnabled") && listed != local_list.end() &&
                       listed->second.status == v16::AuthorizationStatus::accepted;
    if (known && configuration.truth("LocalPreAuthorize")) return start_transaction(connector, tag, now);
    if (may_send()) {
        connector.stage = Stage::authorizing;
        outbox.add_first(v16::AuthorizeRequest{.id_tag = tag}, connector.number);
        return;
    }
    if (link == Link::up || !configuration.truth("LocalAuthorizeOffline")) return;
    if (known || configuration.truth("AllowOfflineTxForUnknownId")) start_transaction(connector, tag, now);
}

void VirtualCharger::Impl::try_start_all(TimePoint now) {
    for (Connector& connector : connectors) {
        try_start(connector, now);
        refresh_status(connector, now);
    }
}

void VirtualCharger::Impl::start_transaction(Connector& connector, const std::string& tag, TimePoint now) {
    Transaction transaction;
    transaction.local = ++last_transaction;
    transaction.tag = tag;
    transaction.start = now;
    transaction.taken_before = connector.car->taken();
    const Milliseconds interval = configuration.seconds("MeterValueSampleInterval");
    transaction.next_sample = interval.count() > 0 ? now + interval : never;
    if (connector.remote) transaction.profile = std::move(connector.remote->profile);
    connector.remote.reset();

    v16::StartTransactionRequest request;
    request.connector_id = connector.number;
    request.id_tag = tag;
    request.meter_start = to_watt_hours(connector.meter).count;
    request.timestamp = now;
    if (connector.reservation) request.reservation_id = connector.reservation->id;
    connector.reservation.reset();
    outbox.add_transactional(std::move(request), transaction.local);

    connector.stage = Stage::charging;
    // Until the operator names the transaction, schedules relative to its start count from here.
    profiles.transaction_started(connector.number, -static_cast<std::int64_t>(transaction.local), now);
    connector.transaction = std::move(transaction);
}

void VirtualCharger::Impl::stop_transaction(Connector& connector, v16::StopReason reason, TimePoint now, Stage then) {
    const Transaction& transaction = *connector.transaction;
    v16::StopTransactionRequest request;
    request.id_tag = transaction.tag;
    request.meter_stop = to_watt_hours(connector.meter).count;
    request.timestamp = now;
    request.reason = reason;
    outbox.add_transactional(std::move(request), transaction.local);
    profiles.transaction_ended(connector.number);
    connector.transaction.reset();
    connector.stage = then;
    apply_later_availability(connector);
}

void VirtualCharger::Impl::apply_later_availability(Connector& connector) {
    if (connector.operative_later) connector.operative = *connector.operative_later;
    connector.operative_later.reset();
}

void VirtualCharger::Impl::tell_target(Connector& connector) {
    Transaction& transaction = *connector.transaction;
    if (!connector.visit.tells_target || transaction.target_told || !transaction.id || !may_send()) return;
    transaction.target_told = true;
    const Energy left = to_energy(connector.visit.asked) - transaction.taken_before;
    // Rounded up: the car stops by itself when it has what its driver asked for.
    const std::int64_t energy = (left.count + energy_per_watt_hour - 1) / energy_per_watt_hour;
    JsonWriter json;
    json.begin_object().field("transactionId", *transaction.id);
    json.field("departure", format_time(connector.visit.departure)).field("energyWh", energy);
    json.field("chargeNow", connector.visit.charge_now).end_object();
    v16::DataTransferRequest request;
    request.vendor_id = "tianqu";
    request.message_id = "DriverTarget";
    request.data = json.take();
    outbox.add(std::move(request), connector.number);
}

void VirtualCharger::Impl::begin_trouble(TimePoint now) {
    in_trouble = true;
    Connector& connector = connectors[trouble.connector];
    switch (trouble.kind) {
        case Trouble::Kind::offline:
            reachable = false;
            break;
        case Trouble::Kind::fault:
            connector.error = trouble.error;
            if (connector.transaction) stop_transaction(connector, v16::StopReason::other, now, Stage::waiting);
            refresh_status(connector, now);
            return;
        case Trouble::Kind::power_loss:
            for (Connector& each : connectors) {
                if (each.transaction) stop_transaction(each, v16::StopReason::power_loss, now, Stage::waiting);
                each.remote.reset();
            }
            powered = false;
            accepted = false;
            boot_at = now;
            break;
    }
    if (link == Link::up || link == Link::opening) {
        link = Link::closing;
        wish = LinkWish::close;
    }
}

void VirtualCharger::Impl::end_trouble(TimePoint now) {
    connectors[trouble.connector].error = v16::ChargePointErrorCode::no_error;
    powered = true;
    reachable = true;
    reconnect_at = std::max(reconnect_at, now + Milliseconds{jitter.between(0, options.reconnect_first.count())});
    in_trouble = false;
    trouble = next_trouble(options.visits.seed, name_hash, connectors.size(), options.trouble_permille, now);
    try_start_all(now);
}

void VirtualCharger::Impl::restart(TimePoint now) {
    restart_at = never;
    accepted = false;
    boot_at = now;
    if (link == Link::up || link == Link::opening) {
        link = Link::closing;
        wish = LinkWish::close;
    }
}

}  // namespace tianqu::simulation
