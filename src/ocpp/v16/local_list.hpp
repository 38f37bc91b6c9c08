#pragma once

/// OCPP 1.6, local authorisation list profile.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "ocpp/v16/types.hpp"

namespace tianqu::ocpp::v16 {

// GetLocalListVersion -------------------------------------------------------------------------------------------

struct GetLocalListVersionRequest {
    static constexpr std::string_view action = "GetLocalListVersion";
    static constexpr Sender sender = Sender::central_system;

    bool operator==(const GetLocalListVersionRequest&) const = default;
    template <class Self, class Visitor>
    static void describe(Self&, Visitor&) {}
};

struct GetLocalListVersionResponse {
    static constexpr std::string_view action = "GetLocalListVersion";

    std::int64_t list_version = 0;  ///< 0: no list; -1: lists are not supported

    bool operator==(const GetLocalListVersionResponse&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("listVersion", self.list_version, essential);
    }
};

// SendLocalList -------------------------------------------------------------------------------------------------

enum class UpdateType : std::uint8_t { differential, full, unrecognised };
constexpr auto enum_names(UpdateType) { return names("Differential", "Full"); }

enum class UpdateStatus : std::uint8_t { accepted, failed, not_supported, version_mismatch, unrecognised };
constexpr auto enum_names(UpdateStatus) { return names("Accepted", "Failed", "NotSupported", "VersionMismatch"); }

struct AuthorizationData {
    IdTag id_tag;
    std::optional<IdTagInfo> id_tag_info;  ///< absent in a differential list: remove the tag

    bool operator==(const AuthorizationData&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("idTag", self.id_tag, essential);
        visit("idTagInfo", self.id_tag_info);
    }
};

struct SendLocalListRequest {
    static constexpr std::string_view action = "SendLocalList";
    static constexpr Sender sender = Sender::central_system;

    std::int64_t list_version = 0;
    std::optional<std::vector<AuthorizationData>> local_authorization_list;
    UpdateType update_type = UpdateType::full;

    bool operator==(const SendLocalListRequest&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("listVersion", self.list_version, essential);
        visit("localAuthorizationList", self.local_authorization_list);
        visit("updateType", self.update_type, essential);
    }
};

struct SendLocalListResponse {
    static constexpr std::string_view action = "SendLocalList";

    UpdateStatus status = UpdateStatus::failed;

    bool operator==(const SendLocalListResponse&) const = default;
    template <class Self, class Visitor>
    static void describe(Self& self, Visitor& visit) {
        visit("status", self.status, essential);
    }
};

}  // namespace tianqu::ocpp::v16
