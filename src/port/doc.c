/* SPDX-License-Identifier: MIT */
/* Documents and messages: the meeting of the codec, which knows no ports, with this layer. */
#include "base/err.h"
#include "base/mem.h"
#include "port/call.h"
#include "port/port.h"

static const cay_doc_ops_t doc_ops = {cay_port_close};

int cay_doc_new(cay_doc_t **out) {
    return out ? cay__doc_new(&doc_ops, out) : CAY_EINVAL;
}

int cay_doc_from_json(const char *text, size_t len, cay_doc_t **out, cay_error_t **err) {
    return cay__doc_from_json(&doc_ops, text, len, out, err);
}

/* Frees a message whose ports and buffers belong to somebody else. */
static void message_free_shell(cay_message_t *m) {
    m->item.ports = 0;
    m->cargo.port_count = m->cargo.blob_count = 0;
    cay_message_free(m);
}

int cay__doc_encode(cay_doc_t *doc, cay_message_t **out, cay_error_t **err) {
    cay_buf_t bytes = CAY_BUF_INIT;
    cay_cargo_t cargo = {NULL, 0, NULL, 0};
    int rc = cay__codec_encode(doc, NULL, &bytes, &cargo, err);
    if (!rc) {
        rc = cay__message_new(bytes.data, bytes.len, &cargo, out);
        rc = rc ? cay__error_set(err, rc, "post: out of memory") : 0;
    }
    if (rc) {
        cay__buf_free(&bytes);
        cay__free(cargo.ports);
        cay__free(cargo.blobs);
    }
    return rc;
}

int cay_port_post(cay_port_t *port, cay_doc_t *doc, cay_error_t **err) {
    if (!port || !doc) {
        return cay__error_set(err, CAY_EINVAL, "post: no port or no document");
    }
    cay_message_t *m = NULL;
    int rc = cay__doc_encode(doc, &m, err);
    if (rc) {
        return rc;
    }
    rc = cay__port_send(port, m, err);
    if (rc) {
        message_free_shell(m);
    } else {
        cay__doc_moved(doc);
    }
    return rc;
}

int cay_port_post_json(cay_port_t *port, const char *json, size_t len, cay_error_t **err) {
    if (!json && len) {
        return cay__error_set(err, CAY_EINVAL, "post: no text");
    }
    cay_doc_t *doc = NULL;
    int rc = cay_doc_from_json(json ? json : "", len, &doc, err);
    if (!rc) {
        rc = cay_port_post(port, doc, err);
        cay_doc_free(doc);
    }
    return rc;
}

/* A queue holds no decoded message. One that carries nothing goes on as it came; of one that carries
 * something, the ports and buffers are in the document now, so that is what is posted. */
int cay_port_forward(cay_port_t *port, cay_message_t *message, cay_error_t **err) {
    if (!port || !message) {
        return cay__error_set(err, CAY_EINVAL, "forward: no port or no message");
    }
    bool carries = message->cargo.port_count || message->cargo.blob_count;
    if (message->doc && carries) {
        int rc = cay_port_post(port, message->doc, err);
        if (!rc) {
            cay_message_free(message);
        }
        return rc;
    }
    cay_doc_t *doc = cay_steal(&message->doc);
    int rc = cay__port_send(port, message, err);
    if (rc) {
        message->doc = doc;
    } else {
        cay_doc_free(doc);
    }
    return rc;
}

int cay_message_value(cay_message_t *message, const cay_value_t **out, cay_error_t **err) {
    if (!message || !out) {
        return cay__error_set(err, CAY_EINVAL, "value: no message");
    }
    if (!message->doc) {
        int rc = cay__codec_decode(message->bytes, message->len, &message->cargo, NULL, &doc_ops,
                                   &message->doc, err);
        if (rc) {
            return rc;
        }
    }
    *out = cay_doc_root(message->doc);
    return 0;
}

int cay_message_to_json(cay_message_t *message, char **out, cay_error_t **err) {
    const cay_value_t *v = NULL;
    int rc = cay_message_value(message, &v, err);
    return rc ? rc : cay_value_to_json(v, out, err);
}
