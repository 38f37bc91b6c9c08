#include <boost/asio/steady_timer.hpp>
#include <set>

#include "app/server/api/charger_view.hpp"
#include "app/server/api/impl.hpp"

namespace tianqu::server {

namespace {

constexpr std::chrono::milliseconds pulse{1000};
/// Notices of one second; beyond that the page is told to look for itself.
constexpr std::size_t most_notices = 500;

std::string_view event_name(Notice::Kind kind) {
    switch (kind) {
        case Notice::Kind::charger:
            return "charger";
        case Notice::Kind::session:
            return "session";
        case Notice::Kind::alarm:
            return "alarm";
        case Notice::Kind::plan:
            return "plan";
        case Notice::Kind::node:
            return "node";
    }
    return "plan";
}

/// One open page: collects notices and sends them once a second with the overview.
class Subscription : public std::enable_shared_from_this<Subscription> {
public:
    Subscription(Api::Impl& api, http::EventStream stream) : api_(api), stream_(std::move(stream)), timer_(api.core) {}

    void begin() {
        handle_ = api_.runtime.observe([weak = weak_from_this()](const Notice& notice) {
            if (const auto self = weak.lock()) self->collect(notice);
        });
        tick();
    }

private:
    void collect(const Notice& notice) {
        if (notices_.size() < most_notices) notices_.insert({notice.kind, notice.id});
    }

    void tick() {
        const std::string overview = overview_json(api_);
        if (overview != last_overview_ && !stream_.send("overview", overview)) return;
        last_overview_ = overview;
        for (const auto& [kind, id] : notices_) {
            if (!stream_.send(event_name(kind), data_of(kind, id))) return;
        }
        notices_.clear();
        if (!stream_.open()) return;
        timer_.expires_after(pulse);
        // The timer keeps the subscription alive; it ends when the page is gone.
        timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
            if (!error) self->tick();
        });
    }

    [[nodiscard]] std::string data_of(Notice::Kind kind, const std::string& id) const {
        JsonWriter json;
        json.begin_object().field("id", id);
        if (kind == Notice::Kind::charger)
            json.field("state", enum_name(shown_state(api_.runtime.state(), ChargerId{id})));
        json.end_object();
        return json.take();
    }

    Api::Impl& api_;
    http::EventStream stream_;
    boost::asio::steady_timer timer_;
    std::shared_ptr<void> handle_;
    std::set<std::pair<Notice::Kind, std::string>> notices_;
    std::string last_overview_;
};

}  // namespace

void begin_event_stream(Api::Impl& api, const http::Responder& responder) {
    std::make_shared<Subscription>(api, responder.stream())->begin();
}

}  // namespace tianqu::server
