/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "wire/campaign.h"
#include "wire/enrol.h"
#include "wire/result.h"

G_BEGIN_DECLS

/* Connections at most. */
#define PLAZA_CLIENT_CONNECTIONS 2

/* Caps on what a server may answer, in bytes. */
#define PLAZA_CLIENT_MAX_JSON (64u * 1024) /* enrolment and probe; others as wire/ says */

/* What a body must be called to be believed; a receipt as wire/receipt.h says. */
#define PLAZA_CLIENT_TYPE_JSON "application/json"
#define PLAZA_CLIENT_TYPE_ENVELOPE "application/vnd.plaza.envelope"
#define PLAZA_CLIENT_TYPE_CAMPAIGN "application/vnd.plaza.campaign"

/**
 * PlazaClient: the only way Plaza speaks to a network. One server, over verified TLS 1.2 or later,
 * without redirects, with bounded answers and bounded silences. Requests run in the GMainContext
 * that was the thread default when the client was made; every function is called from there. Bodies
 * and tokens are never logged.
 *
 * Errors of every request:
 *   PLAZA_ERROR_OFFLINE  nobody answered, or the connection broke: worth another try later;
 *   PLAZA_ERROR_PORTAL   somebody else answered in the server's place (another certificate, a
 *                        redirect, HTML, a body of another type or past its cap). If
 *                        plaza_client_get_clock_doubt() is then TRUE, the computer's date is the
 *                        likely cause;
 *   PLAZA_ERROR_REFUSED  the server itself said no: see plaza_client_get_refusal();
 *   G_IO_ERROR_CANCELLED the caller cancelled.
 */
#define PLAZA_TYPE_CLIENT (plaza_client_get_type ())
G_DECLARE_FINAL_TYPE (PlazaClient, plaza_client, PLAZA, CLIENT, GObject)

/**
 * plaza_client_new: @url is the server's base address, as plaza_server_url_check() takes it;
 * @ca_pem are the only certificate authorities believed, PEM text, or NULL for the system's. Fails
 * with PLAZA_ERROR_INVALID when either is malformed. Returns: (transfer full)
 */
PlazaClient *plaza_client_new (const char *url, const char *ca_pem, GError **error);

/** plaza_client_new_for_campaign: for the server that @campaign names, with its authority and pins.
 */
PlazaClient *plaza_client_new_for_campaign (PlazaCampaign *campaign, GError **error);

/**
 * plaza_client_set_pins: besides what the authority says, only a server with one of these keys is
 * believed: base64 of the SHA-256 of its SubjectPublicKeyInfo, the current and a spare. NULL for
 * any.
 */
void plaza_client_set_pins (PlazaClient *self, const char *const *pins);

/** plaza_client_set_token: the bearer token of the following requests, or NULL or "". */
void plaza_client_set_token (PlazaClient *self, const char *token);

/**
 * plaza_client_set_patience: seconds to wait for a connection (15 at first) and seconds to wait for
 * an answer in silence (60 at first). A connection over which not one byte of a body was
 * acknowledged for 20 seconds, or for so long if that is less, is given up; for a few round trips
 * and 3 seconds where the link had answered before.
 */
void plaza_client_set_patience (PlazaClient *self, guint connect_seconds, guint silence_seconds);

/**
 * plaza_client_get_clock_doubt: TRUE when the request finished last failed on the dates of a
 * certificate, or on a certificate while this computer's clock is earlier than this program: say
 * "the date of this computer is wrong".
 */
gboolean plaza_client_get_clock_doubt (PlazaClient *self);

/**
 * PlazaRefusal: what the server said with a PLAZA_ERROR_REFUSED.
 * @status: HTTP status; @result: its stable code, or the nearest one where a proxy in front of the
 * central answered by itself; @retry_after: seconds it asked to wait, 0 when it did not say.
 */
typedef struct
{
  guint status;
  PlazaResult result;
  guint retry_after;
} PlazaRefusal;

/** plaza_client_get_refusal: of the request finished last. Owned by the client. */
const PlazaRefusal *plaza_client_get_refusal (PlazaClient *self);

/**
 * plaza_client_get_reached: FALSE when the request finished last failed before there was a
 * connection; TRUE when it broke later, so that a new one may well do.
 */
gboolean plaza_client_get_reached (PlazaClient *self);

/** plaza_client_count_connections: open, or being opened. */
guint plaza_client_count_connections (PlazaClient *self);

/**
 * plaza_client_warm: opens the other connection, unless it is open or in use, so that a request a
 * moment later needs not wait for it. @fresh: even if one is open, which may be dead.
 */
void plaza_client_warm (PlazaClient *self, gboolean fresh);

/** plaza_client_has_room: whether another request would get a connection at once. */
gboolean plaza_client_has_room (PlazaClient *self);

/** plaza_client_hurry: the network changed: the requests on their way now are given up after 8
 * seconds in which nothing moves. */
void plaza_client_hurry (PlazaClient *self);

/** PlazaSentFunc: @bytes of the body were acknowledged by the other end so far. */
typedef void (*PlazaSentFunc) (guint64 bytes, gpointer user_data);

/** PlazaOutFunc: the whole body is under way. */
typedef void (*PlazaOutFunc) (gpointer user_data);

/** PlazaWanted: an answer to be believed: status, type (NULL for any) and most bytes. */
typedef struct
{
  guint status;
  const char *type; /* static */
  gsize max_bytes;
} PlazaWanted;

#define PLAZA_CLIENT_MAX_WANTED 4

/** PlazaRequest: what to ask; nothing of it but @sent_data needs to outlive the call. */
typedef struct
{
  const char *path;                            /* begins with "/v1/" */
  GBytes *body;                                /* NULL makes a GET, else a POST… */
  const char *body_type;                       /* …of this type… */
  const char *method;                          /* …or another method, or NULL */
  const char *const *headers;                  /* further "Name: value" lines, or NULL */
  PlazaWanted wanted[PLAZA_CLIENT_MAX_WANTED]; /* the first at least */
  gboolean fresh;                              /* not over a connection that served before */
  gboolean anonymous;                          /* without the token */
  PlazaSentFunc on_sent;                       /* while the body goes out, or NULL; nothing of the
                                                  client may be called from it */
  PlazaOutFunc on_out; /* once, when nothing of the body waits in this computer any more, or NULL;
                          requests may be begun from it */
  gpointer sent_data;
} PlazaRequest;

/** PlazaAnswer: @type is the one wanted; @etag and @content_range as the headers say, or NULL. */
typedef struct
{
  guint status;
  const char *type;
  GBytes *body;
  char *etag;
  char *content_range;
} PlazaAnswer;

void plaza_answer_free (PlazaAnswer *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaAnswer, plaza_answer_free)

/** plaza_client_request_async: one request. Only an answer that is wanted succeeds. */
void plaza_client_request_async (PlazaClient *self,
                                 const PlazaRequest *request,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
PlazaAnswer *plaza_client_request_finish (PlazaClient *self, GAsyncResult *result, GError **error);

/**
 * plaza_client_send_async: plaza_client_request_async() in short, for one wanted answer.
 */
void plaza_client_send_async (PlazaClient *self,
                              const char *path,
                              GBytes *body,
                              const char *body_type,
                              guint want_status,
                              const char *want_type,
                              gsize max_reply,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);

/** plaza_client_send_finish: the body answered. Returns: (transfer full) */
GBytes *plaza_client_send_finish (PlazaClient *self, GAsyncResult *result, GError **error);

/**
 * plaza_client_get_campaign_async: the signed package of the campaign with @fingerprint (Crockford
 * base32). The bytes are NOT verified here; finish with plaza_client_send_finish().
 */
void plaza_client_get_campaign_async (PlazaClient *self,
                                      const char *fingerprint,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);

/**
 * plaza_client_post_envelope_async: sends one envelope. What comes back is the server's receipt,
 * NOT verified here; finish with plaza_client_send_finish().
 */
void plaza_client_post_envelope_async (PlazaClient *self,
                                       GBytes *envelope,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);

/**
 * plaza_client_enrol_async: trades a single-use code for a device slot. Repeating it with the same
 * code and the same device key is harmless: the server answers the same slot again.
 */
void plaza_client_enrol_async (PlazaClient *self,
                               const PlazaEnrolRequest *request,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);

/** plaza_client_enrol_finish: fills @out (clear it with plaza_enrolment_clear()). */
gboolean plaza_client_enrol_finish (PlazaClient *self,
                                    GAsyncResult *result,
                                    PlazaEnrolment *out,
                                    GError **error);

/**
 * plaza_client_probe_async: asks whether the server is there and knows this token, sending nothing.
 * Finish with plaza_client_probe_finish().
 */
void plaza_client_probe_async (PlazaClient *self,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data);
gboolean plaza_client_probe_finish (PlazaClient *self, GAsyncResult *result, GError **error);

G_END_DECLS
