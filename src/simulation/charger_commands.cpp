#include <algorithm>

#include "simulation/charger_impl.hpp"

namespace tianqu::simulation {

namespace v16 = ocpp::v16;

namespace {

/// After an accepted reset the charger still finishes what it has to say.
constexpr Milliseconds reset_pause{10'000};

class Answers {
public:
    Answers(VirtualCharger::Impl& charger, TimePoint now) : charger_(charger), now_(now) {}

    v16::Response operator()(const v16::ChangeAvailabilityRequest& request);
    v16::Response operator()(const v16::ChangeConfigurationRequest& request);
    v16::Response operator()(const v16::ClearCacheRequest&) { return v16::ClearCacheResponse{}; }
    v16::Response operator()(const v16::DataTransferRequest&) {
        return v16::DataTransferResponse{v16::DataTransferStatus::unknown_vendor_id, {}};
    }
    v16::Response operator()(const v16::GetConfigurationRequest& request) {
        return charger_.configuration.get(request);
    }
    v16::Response operator()(const v16::RemoteStartTransactionRequest& request);
    v16::Response operator()(const v16::RemoteStopTransactionRequest& request);
    v16::Response operator()(const v16::ResetRequest& request);
    v16::Response operator()(const v16::UnlockConnectorRequest& request);
    v16::Response operator()(const v16::GetDiagnosticsRequest&) { return v16::GetDiagnosticsResponse{}; }
    v16::Response operator()(const v16::UpdateFirmwareRequest&);
    v16::Response operator()(const v16::GetLocalListVersionRequest&) {
        return v16::GetLocalListVersionResponse{charger_.local_list_version};
    }
    v16::Response operator()(const v16::SendLocalListRequest& request);
    v16::Response operator()(const v16::CancelReservationRequest& request);
    v16::Response operator()(const v16::ReserveNowRequest& request);
    v16::Response operator()(const v16::TriggerMessageRequest& request);
    v16::Response operator()(const v16::ClearChargingProfileRequest& request);
    v16::Response operator()(const v16::GetCompositeScheduleRequest& request);
    v16::Response operator()(const v16::SetChargingProfileRequest& request);
    /// What only a charger says; the peer never hands such a call on.
    template <class ChargerMessage>
    v16::Response operator()(const ChargerMessage&) {
        return v16::DataTransferResponse{};
    }

private:
    v16::AvailabilityStatus change_availability(Connector& connector, bool operative);
    bool trigger(const v16::TriggerMessageRequest& request);

    VirtualCharger::Impl& charger_;
    TimePoint now_;
};

v16::AvailabilityStatus Answers::change_availability(Connector& connector, bool operative) {
    if (connector.transaction && !operative) {
        connector.operative_later = false;
        return v16::AvailabilityStatus::scheduled;
    }
    connector.operative_later.reset();
    connector.operative = operative;
    charger_.try_start(connector, now_);
    charger_.refresh_status(connector, now_);
    return v16::AvailabilityStatus::accepted;
}

v16::Response Answers::operator()(const v16::ChangeAvailabilityRequest& request) {
    v16::ChangeAvailabilityResponse response;
    const bool operative = request.type == v16::AvailabilityType::operative;
    if (request.connector_id == 0) {
        response.status = v16::AvailabilityStatus::accepted;
        for (Connector& connector : charger_.connectors) {
            const auto status = change_availability(connector, operative);
            if (status == v16::AvailabilityStatus::scheduled) response.status = status;
        }
    } else if (Connector* connector = charger_.find(request.connector_id)) {
        response.status = change_availability(*connector, operative);
    }
    return response;
}

v16::Response Answers::operator()(const v16::ChangeConfigurationRequest& request) {
    v16::ChangeConfigurationResponse response;
    response.status = charger_.configuration.change(request.key, request.value);
    if (response.status != v16::ConfigurationStatus::accepted) return response;
    if (request.key == "MeterValueSampleInterval") {
        const Milliseconds interval = charger_.configuration.seconds("MeterValueSampleInterval");
        for (Connector& connector : charger_.connectors) {
            if (!connector.transaction) continue;
            connector.transaction->next_sample = interval.count() > 0 ? now_ + interval : never;
        }
    }
    if (request.key == "ClockAlignedDataInterval") {
        const Milliseconds interval = charger_.configuration.seconds("ClockAlignedDataInterval");
        charger_.aligned_at = interval.count() > 0 ? slot_start(now_, interval) + interval : never;
    }
    return response;
}

v16::Response Answers::operator()(const v16::RemoteStartTransactionRequest& request) {
    v16::RemoteStartTransactionResponse response;
    const auto usable = [](const Connector& connector) {
        return !connector.transaction && connector.operative && !connector.faulty() &&
               connector.stage != Stage::finished;
    };
    Connector* connector = nullptr;
    if (request.connector_id) {
        connector = charger_.find(*request.connector_id);
    } else {
        const auto at = std::ranges::find_if(charger_.connectors, usable);
        if (at != charger_.connectors.end()) connector = &*at;
    }
    if (connector == nullptr || !usable(*connector)) return response;
    if (connector->reservation && connector->reservation->tag != request.id_tag) return response;
    response.status = v16::AcceptedRejected::accepted;
    const Milliseconds patience = charger_.configuration.seconds("ConnectionTimeOut");
    connector->remote = RemoteStart{request.id_tag, now_ + patience, request.charging_profile};
    if (connector->stage == Stage::authorizing) connector->stage = Stage::waiting;
    charger_.try_start(*connector, now_);
    charger_.refresh_status(*connector, now_);
    return response;
}

v16::Response Answers::operator()(const v16::RemoteStopTransactionRequest& request) {
    v16::RemoteStopTransactionResponse response;
    Connector* connector = charger_.find_transaction(request.transaction_id);
    if (connector == nullptr) return response;
    charger_.stop_transaction(*connector, v16::StopReason::remote, now_, Stage::finished);
    charger_.refresh_status(*connector, now_);
    response.status = v16::AcceptedRejected::accepted;
    return response;
}

v16::Response Answers::operator()(const v16::ResetRequest& request) {
    const auto reason =
        request.type == v16::ResetType::hard ? v16::StopReason::hard_reset : v16::StopReason::soft_reset;
    charger_.restart_at = now_ + reset_pause;
    for (Connector& connector : charger_.connectors) {
        if (connector.transaction) charger_.stop_transaction(connector, reason, now_, Stage::waiting);
        connector.remote.reset();
        charger_.refresh_status(connector, now_);
    }
    return v16::ResetResponse{v16::AcceptedRejected::accepted};
}

v16::Response Answers::operator()(const v16::UnlockConnectorRequest& request) {
    Connector* connector = charger_.find(request.connector_id);
    if (connector == nullptr) return v16::UnlockConnectorResponse{v16::UnlockStatus::not_supported};
    if (connector->transaction) {
        charger_.stop_transaction(*connector, v16::StopReason::unlock_command, now_, Stage::finished);
        charger_.refresh_status(*connector, now_);
    }
    return v16::UnlockConnectorResponse{v16::UnlockStatus::unlocked};
}

v16::Response Answers::operator()(const v16::UpdateFirmwareRequest&) {
    // There is no firmware to fetch: the attempt ends as one at an address that does not answer.
    for (const auto status : {v16::FirmwareStatus::downloading, v16::FirmwareStatus::download_failed}) {
        charger_.outbox.add(v16::FirmwareStatusNotificationRequest{.status = status});
    }
    return v16::UpdateFirmwareResponse{};
}

v16::Response Answers::operator()(const v16::SendLocalListRequest& request) {
    v16::SendLocalListResponse response;
    if (!charger_.configuration.truth("LocalAuthListEnabled")) {
        response.status = v16::UpdateStatus::not_supported;
        return response;
    }
    const bool full = request.update_type == v16::UpdateType::full;
    if (!full && request.list_version <= charger_.local_list_version) {
        response.status = v16::UpdateStatus::version_mismatch;
        return response;
    }
    auto list = full ? std::map<std::string, v16::IdTagInfo>{} : charger_.local_list;
    if (request.local_authorization_list) {
        for (const auto& entry : *request.local_authorization_list) {
            if (entry.id_tag_info) {
                list[entry.id_tag] = *entry.id_tag_info;
            } else {
                list.erase(entry.id_tag);
            }
        }
    }
    if (list.size() > max_local_list) return response;
    charger_.local_list = std::move(list);
    charger_.local_list_version = request.list_version;
    response.status = v16::UpdateStatus::accepted;
    return response;
}

v16::Response Answers::operator()(const v16::CancelReservationRequest& request) {
    v16::CancelReservationResponse response;
    for (Connector& connector : charger_.connectors) {
        if (!connector.reservation || connector.reservation->id != request.reservation_id) continue;
        connector.reservation.reset();
        response.status = v16::AcceptedRejected::accepted;
        charger_.try_start(connector, now_);
        charger_.refresh_status(connector, now_);
    }
    return response;
}

v16::Response Answers::operator()(const v16::ReserveNowRequest& request) {
    v16::ReserveNowResponse response;
    Connector* connector = charger_.find(request.connector_id);
    if (connector == nullptr || !request.expiry_date.usable || request.expiry_date.time <= now_) return response;
    const bool same = connector->reservation && connector->reservation->id == request.reservation_id;
    if (connector->faulty()) {
        response.status = v16::ReservationStatus::faulted;
    } else if (!connector->operative) {
        response.status = v16::ReservationStatus::unavailable;
    } else if (connector->car || connector->remote || (connector->reservation && !same)) {
        response.status = v16::ReservationStatus::occupied;
    } else {
        connector->reservation = Reservation{request.reservation_id, request.id_tag,
                                             request.parent_id_tag.value_or(v16::IdTag{}), request.expiry_date.time};
        response.status = v16::ReservationStatus::accepted;
        charger_.refresh_status(*connector, now_);
    }
    return response;
}

bool Answers::trigger(const v16::TriggerMessageRequest& request) {
    Connector* one = request.connector_id ? charger_.find(*request.connector_id) : nullptr;
    if (request.connector_id && *request.connector_id != 0 && one == nullptr) return false;
    switch (request.requested_message) {
        case v16::MessageTrigger::boot_notification:
            charger_.accepted = false;
            charger_.boot_at = now_;
            return true;
        case v16::MessageTrigger::heartbeat:
            charger_.outbox.add(v16::HeartbeatRequest{});
            return true;
        case v16::MessageTrigger::meter_values:
            for (Connector& connector : charger_.connectors) {
                if (one == nullptr || one == &connector) charger_.sample(connector, v16::ReadingContext::trigger, now_);
            }
            return true;
        case v16::MessageTrigger::status_notification:
            for (Connector& connector : charger_.connectors) {
                if (one != nullptr && one != &connector) continue;
                connector.reported.reset();
                charger_.refresh_status(connector, now_);
            }
            return true;
        case v16::MessageTrigger::diagnostics_status_notification:
            charger_.outbox.add(v16::DiagnosticsStatusNotificationRequest{});
            return true;
        case v16::MessageTrigger::firmware_status_notification:
            charger_.outbox.add(v16::FirmwareStatusNotificationRequest{.status = v16::FirmwareStatus::idle});
            return true;
        case v16::MessageTrigger::unrecognised:
            return false;
    }
    return false;
}

v16::Response Answers::operator()(const v16::TriggerMessageRequest& request) {
    return v16::TriggerMessageResponse{trigger(request) ? v16::TriggerStatus::accepted : v16::TriggerStatus::rejected};
}

v16::Response Answers::operator()(const v16::ClearChargingProfileRequest& request) {
    const bool cleared = charger_.profiles.clear(request) > 0;
    charger_.refresh_all(now_);
    return v16::ClearChargingProfileResponse{cleared ? v16::ClearChargingProfileStatus::accepted
                                                     : v16::ClearChargingProfileStatus::unknown};
}

v16::Response Answers::operator()(const v16::GetCompositeScheduleRequest& request) {
    v16::GetCompositeScheduleResponse response;
    Watts most;
    if (request.connector_id == 0) {
        for (const Connector& connector : charger_.connectors) most += connector.spec.max_power;
    } else if (const Connector* connector = charger_.find(request.connector_id)) {
        most = connector->spec.max_power;
    } else {
        return response;
    }
    if (request.duration <= 0) return response;
    response.status = v16::AcceptedRejected::accepted;
    response.connector_id = request.connector_id;
    response.schedule_start = now_;
    response.charging_schedule = charger_.profiles.compose(
        request.connector_id, now_, request.duration, request.charging_rate_unit.value_or(v16::RateUnit::watts), most);
    return response;
}

v16::Response Answers::operator()(const v16::SetChargingProfileRequest& request) {
    v16::SetChargingProfileResponse response;
    if (request.connector_id != 0 && charger_.find(request.connector_id) == nullptr) return response;
    response.status = charger_.profiles.install(request.connector_id, request.cs_charging_profiles, now_);
    charger_.refresh_all(now_);
    return response;
}

}  // namespace

v16::Response VirtualCharger::Impl::answer(const v16::Request& request, TimePoint now) {
    return std::visit(Answers(*this, now), request);
}

Connector* VirtualCharger::Impl::find(std::int64_t number) {
    const auto at = std::ranges::find(connectors, number, &Connector::number);
    return at == connectors.end() ? nullptr : &*at;
}

Connector* VirtualCharger::Impl::find_transaction(std::int64_t id) {
    const auto at =
        std::ranges::find_if(connectors, [&](const Connector& c) { return c.transaction && c.transaction->id == id; });
    return at == connectors.end() ? nullptr : &*at;
}

}  // namespace tianqu::simulation
