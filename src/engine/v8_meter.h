/* SPDX-License-Identifier: MIT */
/* Counts the array buffers of one isolate, which it allocates and which may move to others.
 *
 *     made here ──► live ──► freed, wherever it is by then
 *                     │ moved out: counts in `moved` until then
 *     moved in ──► foreign ──► freed, or moved on
 *
 *     the isolate's own: live + foreign - moved
 *
 * A buffer that moves is a Parcel, which knows how its memory is given back. An isolate that takes it in makes an array
 * buffer over a Lease of the parcel; moving on takes the parcel out of the lease, so that it never grows with the way. */
#ifndef CAY_ENGINE_V8_METER_H
#define CAY_ENGINE_V8_METER_H

#include "engine/v8_internal.h"

struct Parcel {
    std::shared_ptr<v8::BackingStore> store; /* made by an isolate, or null */
    std::shared_ptr<Meter> origin;           /* whose `moved` it counts in */
    cay_blob_t blob;                         /* the host's memory, when there is no store */
    size_t len;
};

struct Lease {
    std::shared_ptr<Meter> meter;
    Parcel *parcel; /* null once it has moved on; under the meter's lock */
};

class Meter final : public v8::ArrayBuffer::Allocator, public std::enable_shared_from_this<Meter> {
  public:
    Meter(eng_isolate_t *iso, const eng_meter_ops_t *ops, void *ctx);
    ~Meter() override;

    void *Allocate(size_t len) override;
    void *AllocateUninitialized(size_t len) override;
    void Free(void *data, size_t len) override;
    void *Reallocate(void *data, size_t old_len, size_t len) override;

    /* The isolate is going; what it made may live on. */
    void leave() {
        iso_ = nullptr;
    }
    eng_memory_t measure();
    int tell(const eng_memory_t &now);
    /* Whether so many bytes outside of the isolate's own memory would fit now. */
    bool room(size_t len);

    /* Takes the memory of a buffer, which is detached. */
    cay_blob_t move_out(v8::Local<v8::ArrayBuffer> buffer);
    /* An array buffer over the blob, which is taken over always; empty when V8 can hold no such buffer. */
    v8::Local<v8::ArrayBuffer> move_in(cay_blob_t *blob);

  private:
    friend void eng__parcel_release(void *data, size_t len, void *parcel);
    friend void eng__lease_end(void *data, size_t len, void *lease);

    bool fits(size_t len);
    size_t buffers() const;
    void grew(size_t len);

    eng_isolate_t *iso_;
    const eng_meter_ops_t *ops_;
    void *ctx_;
    size_t unchecked_ = 0; /* bytes made since the last look */
    std::atomic<size_t> live_{0};
    std::atomic<size_t> foreign_{0};
    std::atomic<size_t> moved_{0};
    std::mutex mutex_;
    std::unordered_map<void *, Lease *> leases_; /* by the memory; under mutex_ */
};

#endif
