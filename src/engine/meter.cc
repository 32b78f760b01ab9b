/* SPDX-License-Identifier: MIT */
#include "engine/v8_meter.h"

#include <cstdlib>

namespace {

/* How much may be made between two looks at the limits: a look costs as much as a small buffer. */
constexpr size_t kUnchecked = 256 * 1024;
/* V8 needs the smallest for itself, and must get them. */
constexpr size_t kAlwaysGiven = 64;

} // namespace

/* The last owner is done, on whatever thread. */
void eng__parcel_release(void *, size_t, void *user) {
    Parcel *p = static_cast<Parcel *>(user);
    if (p->origin) {
        p->origin->moved_.fetch_sub(p->len, std::memory_order_relaxed);
    }
    p->store.reset();
    if (p->blob.release) {
        cay__blob_drop(&p->blob);
    }
    delete p;
}

/* An array buffer over a lease is gone, on whatever thread. */
void eng__lease_end(void *data, size_t len, void *user) {
    Lease *lease = static_cast<Lease *>(user);
    Parcel *parcel;
    {
        std::lock_guard<std::mutex> lock(lease->meter->mutex_);
        parcel = lease->parcel;
        if (parcel) {
            lease->meter->leases_.erase(data);
            lease->meter->foreign_.fetch_sub(len, std::memory_order_relaxed);
        }
    }
    delete lease;
    if (parcel) {
        eng__parcel_release(data, len, parcel);
    }
}

Meter::Meter(eng_isolate_t *iso, const eng_meter_ops_t *ops, void *ctx)
    : iso_(iso), ops_(ops), ctx_(ctx) {
    if (ops_) {
        ops_->ref(ctx_);
    }
}

Meter::~Meter() {
    if (ops_) {
        ops_->unref(ctx_);
    }
}

size_t Meter::buffers() const {
    size_t in = live_.load(std::memory_order_relaxed) + foreign_.load(std::memory_order_relaxed);
    size_t out = moved_.load(std::memory_order_relaxed);
    return in > out ? in - out : 0; /* the three are not read at one moment */
}

/* V8's own figure has WebAssembly memories in it, and the text of the glue, which all isolates share; it has no shared
 * buffers. */
eng_memory_t Meter::measure() {
    v8::HeapStatistics stats;
    iso_->v8->GetHeapStatistics(&stats);
    eng_memory_t m = {};
    m.heap = stats.used_heap_size();
    m.buffers = buffers();
    size_t known = m.buffers + eng__glue_source.length();
    m.wasm = stats.external_memory() > known ? stats.external_memory() - known : 0;
    /* What V8 says of its malloced memory has that of all isolates' WebAssembly in it. */
    m.native = iso_->native > 0 ? static_cast<size_t>(iso_->native) : 0;
    return m;
}

int Meter::tell(const eng_memory_t &now) {
    return ops_ ? ops_->memory(ctx_, &now) : 0;
}

bool Meter::room(size_t len) {
    if (!ops_ || len < kUnchecked) {
        return true;
    }
    eng_memory_t now = measure();
    return ops_->fits(ctx_, &now, len);
}

/* On the isolate's thread, as V8 makes buffers nowhere else. */
bool Meter::fits(size_t len) {
    unchecked_ += len;
    if (!ops_ || !iso_ || len <= kAlwaysGiven || unchecked_ < kUnchecked) {
        return true;
    }
    eng_memory_t now = measure();
    bool yes = ops_->fits(ctx_, &now, len);
    if (yes) {
        unchecked_ = 0;
        now.buffers += len; /* others look at it before the next measurement */
        (void)tell(now);
    }
    return yes;
}

/* What came in was charged elsewhere until now: it is looked at soon. */
void Meter::grew(size_t len) {
    unchecked_ += len;
    if (unchecked_ >= kUnchecked) {
        unchecked_ = 0;
        eng_sample(iso_);
    }
}

/* V8 collects and tries again before it throws a RangeError. */
void *Meter::Allocate(size_t len) {
    void *data = fits(len) ? std::calloc(len ? len : 1, 1) : nullptr;
    if (data) {
        live_.fetch_add(len, std::memory_order_relaxed);
    }
    return data;
}

void *Meter::AllocateUninitialized(size_t len) {
    void *data = fits(len) ? std::malloc(len ? len : 1) : nullptr;
    if (data) {
        live_.fetch_add(len, std::memory_order_relaxed);
    }
    return data;
}

void Meter::Free(void *data, size_t len) {
    std::free(data);
    live_.fetch_sub(len, std::memory_order_relaxed);
}

void *Meter::Reallocate(void *data, size_t old_len, size_t len) {
    if (len > old_len && !fits(len - old_len)) {
        return nullptr;
    }
    char *grown = static_cast<char *>(std::realloc(data, len ? len : 1));
    if (grown) {
        if (len > old_len) {
            std::memset(grown + old_len, 0, len - old_len);
        }
        live_.fetch_add(len - old_len, std::memory_order_relaxed);
    }
    return grown;
}

cay_blob_t Meter::move_out(v8::Local<v8::ArrayBuffer> buffer) {
    std::shared_ptr<v8::BackingStore> store = buffer->GetBackingStore();
    buffer->Detach();
    void *data = store->Data();
    size_t len = store->ByteLength();
    if (!data || !len) {
        return {nullptr, 0, nullptr, nullptr};
    }
    Parcel *parcel = nullptr;
    {
        std::lock_guard<std::mutex> lock(mutex_);
        auto at = leases_.find(data);
        if (at != leases_.end()) {
            parcel = at->second->parcel;
            at->second->parcel = nullptr;
            leases_.erase(at);
            foreign_.fetch_sub(len, std::memory_order_relaxed);
        }
    }
    if (!parcel) {
        parcel = new Parcel{store, shared_from_this(), {}, len};
        moved_.fetch_add(len, std::memory_order_relaxed);
    }
    return {data, len, eng__parcel_release, parcel};
}

v8::Local<v8::ArrayBuffer> Meter::move_in(cay_blob_t *blob) {
    v8::Local<v8::ArrayBuffer> none;
    if (blob->len > v8::TypedArray::kMaxLength) {
        cay__blob_drop(blob);
        return none;
    }
    if (!blob->data || !blob->len) {
        cay__blob_drop(blob);
        return v8::ArrayBuffer::New(iso_->v8, 0);
    }
    Parcel *parcel = blob->release == eng__parcel_release
                         ? static_cast<Parcel *>(blob->user)
                         : new Parcel{nullptr, nullptr, *blob, blob->len};
    void *data = blob->data;
    size_t len = blob->len;
    *blob = {nullptr, 0, nullptr, nullptr};
    Lease *lease = new Lease{shared_from_this(), parcel};
    {
        std::lock_guard<std::mutex> lock(mutex_);
        leases_[data] = lease;
        foreign_.fetch_add(len, std::memory_order_relaxed);
    }
    grew(len);
    return v8::ArrayBuffer::New(iso_->v8,
                                v8::ArrayBuffer::NewBackingStore(data, len, eng__lease_end, lease));
}
