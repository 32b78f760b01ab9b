/* SPDX-License-Identifier: MIT */
/* Structured clone with transfer, in the order of the HTML standard: the list is looked through first, the
 * value is written (which can run getters of the guest), and only then does anything move. */
#include "engine/v8_meter.h"

namespace {

constexpr size_t kMaxTransfer = 2000;
/* Bytes of one value while it is written. It is twice what a mailbox takes, because V8 doubles its buffer;
 * a value can name one long string any number of times, and each costs its length. */
constexpr size_t kMaxWire = (512u << 20) + 4096;
constexpr uint32_t kHostPort = 1; /* CAY_HOST_PORT of the codec, checked in the worker layer */

void throw_clone_error(v8::Isolate *v8, v8::Local<v8::String> text) {
    v8->ThrowException(eng__coded_error(v8, CAY_ECLONE, text));
}

struct Transfer {
    std::vector<uint32_t> rids;
    std::vector<v8::Local<v8::ArrayBuffer>> buffers;
};

class Writer final : public v8::ValueSerializer::Delegate {
  public:
    Writer(v8::Isolate *v8, const Transfer *transfer) : v8_(v8), transfer_(transfer) {}

    void ThrowDataCloneError(v8::Local<v8::String> message) override {
        throw_clone_error(v8_, message);
    }
    v8::Maybe<bool> WriteHostObject(v8::Isolate *v8, v8::Local<v8::Object> object) override {
        uint32_t kind, rid;
        if (eng__host_object(object, &kind, &rid) && kind == kHostPort) {
            for (size_t i = 0; i < transfer_->rids.size(); i++) {
                if (transfer_->rids[i] == rid) {
                    serializer->WriteUint32(kHostPort);
                    serializer->WriteUint32(static_cast<uint32_t>(i));
                    return v8::Just(true);
                }
            }
            throw_clone_error(
                v8,
                eng__str(v8, "A MessagePort could not be cloned: it is not in the transfer list"));
            return v8::Nothing<bool>();
        }
        throw_clone_error(v8, eng__str(v8, "A platform object could not be cloned"));
        return v8::Nothing<bool>();
    }
    v8::Maybe<uint32_t> GetSharedArrayBufferId(v8::Isolate *v8,
                                               v8::Local<v8::SharedArrayBuffer>) override {
        throw_clone_error(v8, eng__str(v8, "A SharedArrayBuffer could not be cloned: workers of "
                                           "cay share no memory"));
        return v8::Nothing<uint32_t>();
    }
    v8::Maybe<uint32_t> GetWasmModuleTransferId(v8::Isolate *v8,
                                                v8::Local<v8::WasmModuleObject>) override {
        throw_clone_error(v8, eng__str(v8, "A WebAssembly.Module could not be cloned"));
        return v8::Nothing<uint32_t>();
    }
    void *ReallocateBufferMemory(void *old, size_t size, size_t *actual) override {
        if (size > kMaxWire || !isolate_of(v8_)->meter->room(size)) {
            return nullptr; /* which throws a DataCloneError */
        }
        *actual = size;
        return cay__realloc(old, size);
    }
    void FreeBufferMemory(void *buffer) override {
        cay__free(buffer);
    }

    v8::ValueSerializer *serializer = nullptr;

  private:
    v8::Isolate *v8_;
    const Transfer *transfer_;
};

/* Looks through the transfer list. The glue made it a plain array of its own, so reading it runs no guest
 * code. false with an exception pending. */
bool read_transfer(eng_isolate_t *iso, v8::Local<v8::Value> list, Transfer *out) {
    v8::Isolate *v8 = iso->v8;
    if (list.IsEmpty() || !list->IsArray()) {
        return true;
    }
    v8::Local<v8::Array> array = list.As<v8::Array>();
    if (array->Length() > kMaxTransfer) {
        throw_clone_error(v8, eng__str(v8, "The transfer list holds more than 2000 objects"));
        return false;
    }
    for (uint32_t i = 0; i < array->Length(); i++) {
        v8::Local<v8::Value> item;
        if (!array->Get(iso->local_context(), i).ToLocal(&item)) {
            return false;
        }
        uint32_t kind, rid;
        if (item->IsArrayBuffer()) {
            v8::Local<v8::ArrayBuffer> b = item.As<v8::ArrayBuffer>();
            for (v8::Local<v8::ArrayBuffer> &other : out->buffers) {
                if (other == b) {
                    throw_clone_error(v8,
                                      eng__str(v8, "An ArrayBuffer is in the transfer list twice"));
                    return false;
                }
            }
            if (!b->IsDetachable()) {
                throw_clone_error(v8, eng__str(v8, "An ArrayBuffer could not be detached"));
                return false;
            }
            out->buffers.push_back(b);
        } else if (item->IsObject() && eng__host_object(item.As<v8::Object>(), &kind, &rid) &&
                   kind == kHostPort) {
            for (uint32_t other : out->rids) {
                if (other == rid) {
                    throw_clone_error(v8,
                                      eng__str(v8, "A MessagePort is in the transfer list twice"));
                    return false;
                }
            }
            out->rids.push_back(rid);
        } else {
            throw_clone_error(v8,
                              eng__str(v8, "A value in the transfer list cannot be transferred"));
            return false;
        }
    }
    return true;
}

/* Detaches the buffers into blobs. */
void move_buffers(eng_isolate_t *iso, Transfer *t, eng_wire_t *out) {
    for (size_t i = 0; i < t->buffers.size(); i++) {
        out->blobs[i] = iso->meter->move_out(t->buffers[i]);
    }
    out->blob_count = t->buffers.size();
}

bool still_attached(eng_isolate_t *iso, const Transfer &t) {
    for (const v8::Local<v8::ArrayBuffer> &b : t.buffers) {
        if (!b->IsDetachable() || b->WasDetached()) {
            throw_clone_error(
                iso->v8, eng__str(iso->v8, "An ArrayBuffer is detached and could not be cloned"));
            return false;
        }
    }
    return true;
}

} // namespace

void eng_wire_clear(eng_wire_t *w) {
    cay__free(w->bytes);
    cay__free(w->rids);
    for (size_t i = 0; i < w->blob_count; i++) {
        cay__blob_drop(&w->blobs[i]);
    }
    cay__free(w->blobs);
    *w = eng_wire_t{};
}

int eng_serialize(eng_call_t *c, eng_val_t v, eng_val_t transfer, eng_may_move_fn may_move,
                  void *ctx, eng_wire_t *out) {
    eng_isolate_t *iso = c->iso;
    *out = eng_wire_t{};
    Transfer t;
    if (!read_transfer(iso, to_v8(transfer), &t) || !still_attached(iso, t)) {
        return CAY_EGUEST;
    }
    Writer delegate(iso->v8, &t);
    v8::ValueSerializer writer(iso->v8, &delegate);
    delegate.serializer = &writer;
    for (size_t i = 0; i < t.buffers.size(); i++) {
        writer.TransferArrayBuffer(static_cast<uint32_t>(i), t.buffers[i]);
    }
    writer.WriteHeader();
    bool written;
    {
        Inside in(iso);
        written = writer.WriteValue(iso->local_context(), to_v8(v)).FromMaybe(false);
    }
    if (!written) {
        return iso->v8->IsExecutionTerminating() ? CAY_ETERMINATED : CAY_EGUEST;
    }
    std::pair<uint8_t *, size_t> bytes = writer.Release();
    out->bytes = bytes.first;
    out->len = bytes.second;
    size_t rid_bytes = t.rids.size() * sizeof(uint32_t);
    out->rids = t.rids.empty() ? nullptr : (uint32_t *)cay__memdup(t.rids.data(), rid_bytes);
    out->rid_count = t.rids.size();
    out->blobs = t.buffers.empty()
                     ? nullptr
                     : (cay_blob_t *)cay__calloc(t.buffers.size(), sizeof(cay_blob_t));
    if ((!out->rids && out->rid_count) || (!out->blobs && !t.buffers.empty())) {
        eng_wire_clear(out);
        eng_throw(c, CAY_ENOMEM, "out of memory for a message");
        return CAY_EGUEST;
    }
    cay_error_t *err = nullptr;
    int rc = still_attached(iso, t) ? 0 : CAY_EGUEST;
    size_t size = out->len;
    for (const v8::Local<v8::ArrayBuffer> &b : t.buffers) {
        size += b->ByteLength();
    }
    if (rc == 0) {
        rc = may_move(iso->host, out->rids, out->rid_count, size, ctx, &err);
        if (rc) {
            eng_throw(c, rc, "%s", err ? cay_error_message(err) : cay_error_text(rc));
            cay_error_free(err);
        }
    }
    if (rc) {
        eng_wire_clear(out);
        return CAY_EGUEST;
    }
    move_buffers(iso, &t, out);
    return 0;
}

namespace {

class Reader final : public v8::ValueDeserializer::Delegate {
  public:
    Reader(const eng_val_t *ports, size_t count) : ports_(ports), count_(count) {}

    v8::MaybeLocal<v8::Object> ReadHostObject(v8::Isolate *v8) override {
        uint32_t kind, index;
        if (deserializer->ReadUint32(&kind) && deserializer->ReadUint32(&index) &&
            kind == kHostPort && index < count_) {
            return to_v8(ports_[index]).As<v8::Object>();
        }
        v8->ThrowException(v8::Exception::Error(eng__str(v8, "malformed message")));
        return {};
    }
    v8::ValueDeserializer *deserializer = nullptr;

  private:
    const eng_val_t *ports_;
    size_t count_;
};

} // namespace

int eng_deserialize(eng_isolate_t *iso, const uint8_t *bytes, size_t len, const eng_val_t *ports,
                    size_t port_count, cay_blob_t *blobs, size_t blob_count, eng_val_t *out) {
    v8::EscapableHandleScope handles(iso->v8);
    v8::TryCatch tc(iso->v8);
    Reader delegate(ports, port_count);
    v8::ValueDeserializer reader(iso->v8, bytes, len, &delegate);
    delegate.deserializer = &reader;
    bool ok = true;
    for (size_t i = 0; i < blob_count; i++) {
        v8::Local<v8::ArrayBuffer> b = iso->meter->move_in(&blobs[i]);
        ok = ok && !b.IsEmpty();
        if (ok) {
            reader.TransferArrayBuffer(static_cast<uint32_t>(i), b);
        }
    }
    Inside in(iso);
    v8::Local<v8::Context> context = iso->local_context();
    v8::Local<v8::Value> value;
    if (!ok || !reader.ReadHeader(context).FromMaybe(false) ||
        !reader.ReadValue(context).ToLocal(&value)) {
        return tc.HasTerminated() ? CAY_ETERMINATED : CAY_EFORMAT;
    }
    *out = to_eng(handles.Escape(value));
    return 0;
}
