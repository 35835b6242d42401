/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "wire/entry.h"
#include "wire/receipt.h"

G_BEGIN_DECLS

/**
 * PlazaStorage: the central's database, as what the consultation does with it and not as SQL, so
 * that each engine can do it its own way. A connection belongs to one thread at a time. Times are
 * ms since 1970 UTC.
 *
 * There is one writer: every change stands between begin and commit, and begin waits for the
 * transaction of any other process on the same database (a lock file beside an SQLite database, an
 * advisory lock in PostgreSQL). A connection opened to read refuses to begin.
 *
 * Errors of every function: PLAZA_ERROR_BUSY (the database does not answer, or asks to try the
 * whole transaction again), PLAZA_ERROR_DISK (no room), PLAZA_ERROR_CORRUPT, else
 * PLAZA_ERROR_FAILED. After an error between begin and commit only rollback (or back) is allowed.
 */
typedef struct _PlazaStorage PlazaStorage;

/* A join code; the code itself is known to whoever was handed it. */
typedef struct
{
  PlazaHash hash;
  char *campaign; /* fingerprint */
  char *person;
  char *organisation;
  char *role;
  gint64 created;
  gint64 expires;
  gint64 used;  /* 0: not yet */
  char *device; /* (nullable): who used it */
  char *batch;  /* of the device that will use it; NULL in codes made before there were such */
} PlazaJoinCode;

typedef struct
{
  char *id; /* UUID */
  PlazaPublicKey key;
  char *campaign; /* fingerprint */
  char *person;
  char *organisation;
  char *role;
  char *batch;
  gint64 enrolled;
  gint64 revoked; /* 0: not */
  gboolean token_used;
  gint64 token_expires; /* of the token it was found by; else of its current one */
  gboolean token_next;  /* it was found by the token that is to replace its current one */
  gint64 last_seen;     /* 0: never; kept to some minutes */
} PlazaDevice;

/* What its people want to know of a device. */
typedef struct
{
  PlazaDevice device;
  char *reason; /* (nullable): why it was revoked */
  guint64 envelopes;
  guint64 entries;     /* of responses, once by id and hash */
  guint64 quarantined; /* of those, kept apart and not accepted */
  guint64 newest_sequence;
} PlazaDeviceFacts;

/* Sequences of a device that never came. */
typedef struct
{
  char *device;
  guint64 from;
  guint64 to; /* inclusive */
} PlazaGap;

/* An envelope that a carrier is sending in pieces. */
typedef struct
{
  guint64 length; /* of the whole */
  guint64 size;   /* bytes that are here */
  gint64 touched; /* when the last piece came */
} PlazaUpload;

typedef struct
{
  PlazaHash hash;
  char *campaign;
  char *device;
  gint64 received;
  guint64 audit; /* sequence of its row in the audit log */
  guint n_entries;
  gboolean quarantined;
  GBytes *statuses; /* PlazaReceiptStatus of every entry as first answered; NULL in old rows */
} PlazaStoredEnvelope;

typedef struct
{
  char *campaign; /* given when it is put, not read back */
  char *id;
  PlazaHash hash;
  PlazaEntryKind kind;
  char *device;
  guint64 sequence;
  PlazaHash envelope;
  guint position; /* in its envelope */
  PlazaReceiptStatus status;
} PlazaStoredEntry;

/* What is known of a response beside its revisions. */
typedef enum
{
  PLAZA_WITHDRAWAL_NONE,
  PLAZA_WITHDRAWAL_ASKED, /* by somebody without the right to: not counted, content kept */
  PLAZA_WITHDRAWAL_DONE,  /* content destroyed, counted as a tombstone */
} PlazaWithdrawal;

typedef struct
{
  char *id;
  char *campaign;
  char *device;
  char *author;
  char *organisation;
  char *effective; /* revision that holds */
  gboolean conflict;
  gboolean voided;
  PlazaWithdrawal withdrawal;
} PlazaStoredResponse;

typedef struct
{
  guint64 sequence;
  char *campaign; /* given when it is put, not read back */
  char *id;
  PlazaHash hash;
  char *response;
  char *parent; /* (nullable) */
  char *device;
  char *author;
  char *form_id;
  char *form_version;
  char *session;
  char *folio; /* (nullable) */
  char *outcome;
  gint64 received;
  GBytes *header; /* exact JSON */
  PlazaHash xml_hash;
  PlazaHash annotations_hash;
  GBytes *attachments;
  GBytes *xml;         /* NULL once withdrawn */
  GBytes *annotations; /* NULL once withdrawn */
} PlazaStoredRevision;

typedef struct
{
  char *code;
  char *ref;
  char *message;
} PlazaStoredMark;

typedef struct
{
  char *id;
  char *response;
  char *session;
  char *outcome;
  gint64 received;
  GBytes *header;
  gboolean late; /* marked so by intake; for reading */
} PlazaStoredOutcome;

typedef struct
{
  char *id;
  PlazaEntryKind kind; /* void or withdrawal */
  char *response;      /* (nullable) */
  char *folio;         /* (nullable) */
  char *device;
  char *author;
  char *reason; /* (nullable) */
  char *at;
  gint64 received;
} PlazaStoredRemoval;

typedef struct
{
  char *id; /* the session's */
  guint revision;
  char *entry;
  gint64 received;
  GBytes *state; /* exact JSON */
} PlazaStoredSession;

typedef struct
{
  char *id;
  char *date;
  GBytes *sealed; /* custody key id and sealed box, as in the entry's payload */
} PlazaStoredContact;

typedef struct
{
  guint64 sequence; /* from 1, without gaps */
  gint64 time;
  char *actor;
  char *action;
  char *object;
  char *details;
  PlazaHash previous;
  PlazaHash hash;
} PlazaAuditRow;

/* An entry that is kept aside, with its bytes. */
typedef struct
{
  PlazaStoredEntry entry;
  GBytes *payload;
} PlazaHeldEntry;

void plaza_join_code_clear (PlazaJoinCode *code);
void plaza_held_entry_clear (PlazaHeldEntry *held);
void plaza_device_clear (PlazaDevice *device);
void plaza_device_facts_clear (PlazaDeviceFacts *facts);
void plaza_gap_clear (PlazaGap *gap);
void plaza_stored_envelope_clear (PlazaStoredEnvelope *envelope);
void plaza_stored_entry_clear (PlazaStoredEntry *entry);
void plaza_stored_response_clear (PlazaStoredResponse *response);
void plaza_stored_revision_clear (PlazaStoredRevision *revision);
void plaza_stored_mark_clear (PlazaStoredMark *mark);
void plaza_stored_outcome_clear (PlazaStoredOutcome *outcome);
void plaza_stored_removal_clear (PlazaStoredRemoval *removal);
void plaza_stored_session_clear (PlazaStoredSession *session);
void plaza_stored_contact_clear (PlazaStoredContact *contact);
void plaza_audit_row_clear (PlazaAuditRow *row);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaJoinCode, plaza_join_code_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaDevice, plaza_device_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaStoredEnvelope, plaza_stored_envelope_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaStoredEntry, plaza_stored_entry_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaStoredResponse, plaza_stored_response_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaStoredRevision, plaza_stored_revision_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaStoredMark, plaza_stored_mark_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaStoredOutcome, plaza_stored_outcome_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaStoredRemoval, plaza_stored_removal_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaStoredSession, plaza_stored_session_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaStoredContact, plaza_stored_contact_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaAuditRow, plaza_audit_row_clear)

/* How many responses are alike in everything that is counted. */
typedef struct
{
  char *campaign;
  char *session;
  char *outcome;
  gboolean conflict;
  gboolean voided;
  PlazaWithdrawal withdrawal;
  gboolean late; /* marked so by intake */
  guint64 count;
} PlazaResponseCount;

typedef struct
{
  char *campaign;
  gboolean quarantined;
  guint64 envelopes;
  guint64 entries;
  gint64 newest;
} PlazaEnvelopeCount;

void plaza_response_count_clear (PlazaResponseCount *count);
void plaza_envelope_count_clear (PlazaEnvelopeCount *count);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaResponseCount, plaza_response_count_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaEnvelopeCount, plaza_envelope_count_clear)

/**
 * PlazaStorageRowFunc: one record of a listing; @record is of the listing's type and lives until
 * the return. It must not use the connection. FALSE with @error ends the listing.
 */
typedef gboolean (*PlazaStorageRowFunc) (gpointer record, gpointer data, GError **error);

/**
 * PlazaLookahead: what the jobs of a transaction are going to look up; an engine that has to ask
 * another process fetches it all at once.
 */
typedef struct
{
  GPtrArray *devices;   /* ids */
  GPtrArray *envelopes; /* hashes as text */
  GPtrArray *entries;   /* ids */
  GPtrArray *responses; /* ids */
  GPtrArray *folios;
  GPtrArray *batches; /* codes */
} PlazaLookahead;

PlazaLookahead *plaza_lookahead_new (void);
void plaza_lookahead_free (PlazaLookahead *keys);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaLookahead, plaza_lookahead_free)

/** plaza_lookahead_add: a copy of @key to one of the lists. */
void plaza_lookahead_add (GPtrArray *list, const char *key);

/**
 * PlazaStorageTable: what an engine can do.
 *
 * The find functions set *@found and fill @out when it is TRUE; @out is cleared by the caller. The
 * each functions stream and keep no more than one record in memory.
 */
typedef struct
{
  const char *name; /* "sqlite", "postgresql" */

  void (*close) (PlazaStorage *self);

  /** migrate: brings the schema to this version; PLAZA_ERROR_NEWER when it is beyond it. */
  gboolean (*migrate) (PlazaStorage *self, GError **error);
  /** pending: Returns in @names (transfer full) the migrations that migrate would run. */
  gboolean (*pending) (PlazaStorage *self, GStrv *names, GError **error);
  /**
   * probe: writes what changes nothing, inside a transaction, to see that it can be written.
   * PLAZA_ERROR_NEWER when the schema is not this version's.
   */
  gboolean (*probe) (PlazaStorage *self, GError **error);

  /* One transaction; inside it a mark to go back to, so that one job's failure spares others.
   * Either unmark or back ends what mark began. */
  gboolean (*begin) (PlazaStorage *self, GError **error);
  gboolean (*commit) (PlazaStorage *self, GError **error);
  void (*rollback) (PlazaStorage *self);
  gboolean (*mark) (PlazaStorage *self, GError **error);
  gboolean (*unmark) (PlazaStorage *self, GError **error);
  gboolean (*back) (PlazaStorage *self, GError **error);
  /**
   * look_ahead: (nullable): after begin or between jobs: @keys will be looked up. It changes
   * nothing of what the other functions answer.
   */
  gboolean (*look_ahead) (PlazaStorage *self, const PlazaLookahead *keys, GError **error);
  /** snapshot: what is read from now until rollback is of one moment. For reading connections. */
  gboolean (*snapshot) (PlazaStorage *self, GError **error);
  /**
   * checkpoint: leaves nothing of what was destroyed in side files or unused space, as far as the
   * engine can; between transactions.
   */
  gboolean (*checkpoint) (PlazaStorage *self, GError **error);
  /** rest: (nullable): nobody waits for the writer: what can be put off is done now. */
  gboolean (*rest) (PlazaStorage *self, GError **error);
  /**
   * copy_to: (nullable): a consistent copy at @path, which must not exist, while others write; NULL
   * where the engine has a program of its own for it.
   */
  gboolean (*copy_to) (PlazaStorage *self, const char *path, GError **error);

  /* Joining */
  gboolean (*put_code) (PlazaStorage *self, const PlazaJoinCode *code, GError **error);
  gboolean (*find_code) (PlazaStorage *self,
                         const PlazaHash *hash,
                         PlazaJoinCode *out,
                         gboolean *found,
                         GError **error);
  gboolean (*use_code) (
      PlazaStorage *self, const PlazaHash *hash, const char *device, gint64 time, GError **error);
  gboolean (*each_code) (PlazaStorage *self,
                         PlazaStorageRowFunc func, /* PlazaJoinCode, by creation */
                         gpointer data,
                         GError **error);
  /** expire_codes: those of @person that nobody used; *@n: how many. */
  gboolean (*expire_codes) (
      PlazaStorage *self, const char *person, gint64 time, guint64 *n, GError **error);
  /** next_batch: the number of the next batch code. */
  gboolean (*next_batch) (PlazaStorage *self, guint64 *number, GError **error);
  gboolean (*put_batch) (PlazaStorage *self, guint64 number, const char *code, GError **error);
  gboolean (*find_batch) (PlazaStorage *self, const char *code, gboolean *found, GError **error);
  gboolean (*put_device) (PlazaStorage *self, const PlazaDevice *device, GError **error);
  gboolean (*find_device) (
      PlazaStorage *self, const char *id, PlazaDevice *out, gboolean *found, GError **error);
  gboolean (*find_device_by_key) (PlazaStorage *self,
                                  const PlazaPublicKey *key,
                                  PlazaDevice *out,
                                  gboolean *found,
                                  GError **error);
  gboolean (*find_device_by_token) (PlazaStorage *self,
                                    const PlazaHash *token_hash,
                                    PlazaDevice *out,
                                    gboolean *found,
                                    GError **error);
  /** set_token: replaces the device's tokens; the old ones are dead. */
  gboolean (*set_token) (PlazaStorage *self,
                         const char *device,
                         const PlazaHash *token_hash,
                         gint64 expires,
                         GError **error);
  /** set_next_token: a token that replaces the device's when it is first used. */
  gboolean (*set_next_token) (PlazaStorage *self,
                              const char *device,
                              const PlazaHash *token_hash,
                              gint64 expires,
                              GError **error);
  /** promote_token: the next token was used: the one before is dead. */
  gboolean (*promote_token) (PlazaStorage *self,
                             const char *device,
                             const PlazaHash *token_hash,
                             GError **error);
  /** note_device: it was seen at @time, with its token: no code gives another one any more. */
  gboolean (*note_device) (PlazaStorage *self, const char *device, gint64 time, GError **error);
  /** revoke_device: kills its token as well. *@found FALSE: no such device, or revoked before. */
  gboolean (*revoke_device) (
      PlazaStorage *self, const char *device, gint64 time, gboolean *found, GError **error);
  /** put_revocation_reason: why @device was revoked. */
  gboolean (*put_revocation_reason) (PlazaStorage *self,
                                     const char *device,
                                     const char *reason,
                                     GError **error);
  gboolean (*each_device) (PlazaStorage *self,
                           PlazaStorageRowFunc func, /* PlazaDevice */
                           gpointer data,
                           GError **error);
  /** each_device_facts: of @campaign, and of @organisation unless that is NULL. */
  gboolean (*each_device_facts) (PlazaStorage *self,
                                 const char *campaign,
                                 const char *organisation,
                                 PlazaStorageRowFunc func, /* PlazaDeviceFacts, by enrolment */
                                 gpointer data,
                                 GError **error);
  /** each_gap: of the devices of @campaign, by device and sequence. */
  gboolean (*each_gap) (PlazaStorage *self,
                        const char *campaign,
                        PlazaStorageRowFunc func, /* PlazaGap */
                        gpointer data,
                        GError **error);

  /* Uploads by piece: each carrier has its own, so that none spoils another's */
  gboolean (*find_upload) (PlazaStorage *self,
                           const char *device,
                           const PlazaHash *envelope,
                           PlazaUpload *out,
                           gboolean *found,
                           GError **error);
  gboolean (*put_upload) (PlazaStorage *self,
                          const char *device,
                          const PlazaHash *envelope,
                          guint64 length,
                          gint64 time,
                          GError **error);
  /** put_piece: the bytes from @offset on, which is the upload's size. */
  gboolean (*put_piece) (PlazaStorage *self,
                         const char *device,
                         const PlazaHash *envelope,
                         guint64 offset,
                         GBytes *bytes,
                         gint64 time,
                         GError **error);
  gboolean (*each_piece) (PlazaStorage *self,
                          const char *device,
                          const PlazaHash *envelope,
                          PlazaStorageRowFunc func, /* GBytes, by offset */
                          gpointer data,
                          GError **error);
  gboolean (*drop_upload) (PlazaStorage *self,
                           const char *device,
                           const PlazaHash *envelope,
                           GError **error);
  /** drop_uploads_of: all but the @keep of @device that were touched last. */
  gboolean (*drop_uploads_of) (PlazaStorage *self, const char *device, guint keep, GError **error);
  /** drop_uploads_before: those not touched since @time. */
  gboolean (*drop_uploads_before) (PlazaStorage *self, gint64 time, GError **error);
  /** count_uploads: how many there are, and how long they will be together. */
  gboolean (*count_uploads) (PlazaStorage *self, guint64 *n, guint64 *bytes, GError **error);

  /* Intake */
  gboolean (*find_envelope) (PlazaStorage *self,
                             const PlazaHash *hash,
                             PlazaStoredEnvelope *out,
                             gboolean *found,
                             GError **error);
  gboolean (*put_envelope) (PlazaStorage *self,
                            const PlazaStoredEnvelope *envelope,
                            GError **error);
  /** each_status_of: what became of the entries that @envelope brought first. */
  gboolean (*each_status_of) (PlazaStorage *self,
                              const PlazaHash *envelope,
                              PlazaStorageRowFunc func, /* PlazaStoredEntry: position and status */
                              gpointer data,
                              GError **error);
  /**
   * find_entry: looks for @id. *@same: the status it has with @hash, 0 when it is not there;
   * *@other: it is there with another hash.
   */
  gboolean (*find_entry) (PlazaStorage *self,
                          const char *id,
                          const PlazaHash *hash,
                          PlazaReceiptStatus *same,
                          gboolean *other,
                          GError **error);
  gboolean (*put_entry) (PlazaStorage *self, const PlazaStoredEntry *entry, GError **error);
  /** put_held: keeps a payload aside. @response: (nullable). */
  gboolean (*put_held) (PlazaStorage *self,
                        const char *id,
                        const PlazaHash *hash,
                        const char *response,
                        GBytes *payload,
                        GError **error);
  /** each_quarantined: what @device sent after it was revoked and nobody accepted. */
  gboolean (*each_quarantined) (PlazaStorage *self,
                                const char *device,
                                PlazaStorageRowFunc func, /* PlazaHeldEntry */
                                gpointer data,
                                GError **error);
  /** put_accepted: it was taken in after all; find_entry then says stored. */
  gboolean (*put_accepted) (PlazaStorage *self,
                            const char *id,
                            const PlazaHash *hash,
                            GError **error);
  gboolean (*find_response) (PlazaStorage *self,
                             const char *id,
                             PlazaStoredResponse *out,
                             gboolean *found,
                             GError **error);
  /** find_response_by_folio: one response that carries @folio and is not @except (nullable). */
  gboolean (*find_response_by_folio) (PlazaStorage *self,
                                      const char *folio,
                                      const char *except,
                                      PlazaStoredResponse *out,
                                      gboolean *found,
                                      GError **error);
  /** put_response: writes it whole, new or not. */
  gboolean (*put_response) (PlazaStorage *self,
                            const PlazaStoredResponse *response,
                            GError **error);
  gboolean (*put_revision) (PlazaStorage *self,
                            const PlazaStoredRevision *revision,
                            GError **error);
  /** each_revision_of: of one response in order of arrival; without content. */
  gboolean (*each_revision_of) (PlazaStorage *self,
                                const char *response,
                                PlazaStorageRowFunc func, /* PlazaStoredRevision */
                                gpointer data,
                                GError **error);
  /** destroy_content: of all revisions of @response, held ones included. */
  gboolean (*destroy_content) (PlazaStorage *self, const char *response, GError **error);
  gboolean (*put_outcome) (PlazaStorage *self, const PlazaStoredOutcome *outcome, GError **error);
  gboolean (*put_removal) (PlazaStorage *self, const PlazaStoredRemoval *removal, GError **error);
  /** each_removal_of: those that name @response or @folio (nullable). */
  gboolean (*each_removal_of) (PlazaStorage *self,
                               const char *response,
                               const char *folio,
                               PlazaStorageRowFunc func, /* PlazaStoredRemoval */
                               gpointer data,
                               GError **error);
  gboolean (*put_session) (PlazaStorage *self, const PlazaStoredSession *session, GError **error);
  /** has_session: whether that revision of the session is there. */
  gboolean (*has_session) (
      PlazaStorage *self, const char *id, guint revision, gboolean *found, GError **error);

  /* The feed */
  /** put_change: readers of the feed learn that the state of @response changed. */
  gboolean (*put_change) (PlazaStorage *self, const char *response, GError **error);
  /**
   * each_feed_revision: at most @limit revisions after number @after, in order of arrival, of one
   * campaign.
   * @organisation: NULL for all
   */
  gboolean (*each_feed_revision) (PlazaStorage *self,
                                  guint64 after,
                                  const char *campaign,
                                  const char *organisation,
                                  guint limit,
                                  PlazaStorageRowFunc func, /* PlazaExportRevision */
                                  gpointer data,
                                  GError **error);
  /** each_change: in the same way the changes that put_change noted. */
  gboolean (*each_change) (PlazaStorage *self,
                           guint64 after,
                           const char *campaign,
                           const char *organisation,
                           guint limit,
                           PlazaStorageRowFunc func, /* PlazaStoredChange */
                           gpointer data,
                           GError **error);

  /* Contacts */
  gboolean (*find_contact) (
      PlazaStorage *self, const char *id, PlazaStoredContact *out, gboolean *found, GError **error);
  /**
   * put_contacts: adds @n of them and leaves the table so that neither rows, pages nor row versions
   * tell which came together or when.
   */
  gboolean (*put_contacts) (PlazaStorage *self,
                            const PlazaStoredContact *contacts,
                            guint n,
                            gboolean quarantine,
                            GError **error);
  /** accept_contacts: takes in every quarantined one; *@n: how many. */
  gboolean (*accept_contacts) (PlazaStorage *self, guint64 *n, GError **error);
  gboolean (*delete_contact) (PlazaStorage *self, const char *id, gboolean *found, GError **error);
  /** set_contact_total: keeps the highest. */
  gboolean (*set_contact_total) (PlazaStorage *self,
                                 const char *device,
                                 guint64 total,
                                 GError **error);

  /* Audit log */
  /** last_audit: *@found FALSE when the log is empty. */
  gboolean (*last_audit) (PlazaStorage *self, PlazaAuditRow *out, gboolean *found, GError **error);
  gboolean (*put_audit) (PlazaStorage *self, const PlazaAuditRow *row, GError **error);

  /* After the commit */
  /** each_unjudged: at most @limit revisions the form engine has not seen, with their XML. */
  gboolean (*each_unjudged) (PlazaStorage *self,
                             guint limit,
                             PlazaStorageRowFunc func, /* PlazaStoredRevision */
                             gpointer data,
                             GError **error);
  /** add_marks: the first marks of @source on a revision that has none of it yet. */
  gboolean (*add_marks) (PlazaStorage *self,
                         const char *revision,
                         const char *source,
                         const PlazaStoredMark *marks,
                         guint n,
                         GError **error);
  /** put_marks: replaces the marks of @source on @revision. */
  gboolean (*put_marks) (PlazaStorage *self,
                         const char *revision,
                         const char *source,
                         const PlazaStoredMark *marks,
                         guint n,
                         GError **error);
  gboolean (*set_judged) (PlazaStorage *self, const char *revision, GError **error);
  /** judge_again: those whose form was unknown wait to be judged once more. */
  gboolean (*judge_again) (PlazaStorage *self, GError **error);

  /* Reading it all: each in an order that depends on nothing but the content */
  gboolean (*each_response) (PlazaStorage *self,
                             PlazaStorageRowFunc func, /* PlazaStoredResponse, by id */
                             gpointer data,
                             GError **error);
  gboolean (*each_revision) (
      PlazaStorage *self,
      PlazaStorageRowFunc func, /* PlazaExportRevision, by response, arrival */
      gpointer data,
      GError **error);
  gboolean (*each_outcome) (PlazaStorage *self,
                            PlazaStorageRowFunc func, /* PlazaStoredOutcome, by id */
                            gpointer data,
                            GError **error);
  gboolean (*each_session) (PlazaStorage *self,
                            PlazaStorageRowFunc func, /* PlazaStoredSession, by id, revision */
                            gpointer data,
                            GError **error);
  gboolean (*each_removal) (PlazaStorage *self,
                            PlazaStorageRowFunc func, /* PlazaStoredRemoval, by id */
                            gpointer data,
                            GError **error);
  gboolean (*each_contact) (PlazaStorage *self,
                            PlazaStorageRowFunc func, /* PlazaStoredContact, by random id */
                            gpointer data,
                            GError **error);
  gboolean (*each_audit) (PlazaStorage *self,
                          PlazaStorageRowFunc func, /* PlazaAuditRow, by sequence */
                          gpointer data,
                          GError **error);
  gboolean (*each_envelope) (PlazaStorage *self,
                             PlazaStorageRowFunc func, /* PlazaStoredEnvelope, by audit */
                             gpointer data,
                             GError **error);
  gboolean (*each_entry) (PlazaStorage *self,
                          PlazaStorageRowFunc func, /* PlazaStoredEntry, by envelope, position */
                          gpointer data,
                          GError **error);
  /** each_sequence: the entries' numbers by device, ascending; only device and sequence are set. */
  gboolean (*each_sequence) (PlazaStorage *self,
                             PlazaStorageRowFunc func, /* PlazaStoredEntry */
                             gpointer data,
                             GError **error);
  /** each_orphan: entries whose fact is gone from its table, whatever it is. */
  gboolean (*each_orphan) (PlazaStorage *self,
                           PlazaStorageRowFunc func, /* PlazaStoredEntry */
                           gpointer data,
                           GError **error);
  /** each_response_count: by campaign, session and outcome of the revision that holds. */
  gboolean (*each_response_count) (PlazaStorage *self,
                                   PlazaStorageRowFunc func, /* PlazaResponseCount */
                                   gpointer data,
                                   GError **error);
  gboolean (*each_envelope_count) (PlazaStorage *self,
                                   PlazaStorageRowFunc func, /* PlazaEnvelopeCount */
                                   gpointer data,
                                   GError **error);
  /** count_quarantined: entries of revoked devices that nobody accepted. */
  gboolean (*count_quarantined) (PlazaStorage *self, guint64 *count, GError **error);
  /** expected_contacts: how many the devices say they sealed. */
  gboolean (*expected_contacts) (PlazaStorage *self, guint64 *count, GError **error);
  gboolean (*count_contacts) (PlazaStorage *self,
                              gboolean quarantine,
                              guint64 *count,
                              GError **error);
} PlazaStorageTable;

/* A revision with what its response says of it. */
typedef struct
{
  PlazaStoredRevision revision;
  PlazaStoredResponse response;
  char *marks; /* codes, space separated, "" for none */
} PlazaExportRevision;

/* A response whose state changed after its revisions arrived. */
typedef struct
{
  guint64 sequence;
  gint64 received; /* of the revision that holds */
  PlazaStoredResponse response;
  char *marks; /* of the revision that holds, as above */
} PlazaStoredChange;

void plaza_stored_change_clear (PlazaStoredChange *change);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaStoredChange, plaza_stored_change_clear)

void plaza_export_revision_clear (PlazaExportRevision *record);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaExportRevision, plaza_export_revision_clear)

struct _PlazaStorage
{
  const PlazaStorageTable *table;
  guint64 audit_sequence; /* of the row that this transaction wrote last; 0: it wrote none */
  PlazaHash audit_head;
};

/**
 * plaza_storage_open: connects to @uri, "sqlite:PATH" (absolute, or below @directory) or
 * "postgresql://…" as libpq takes it.
 * @writable: FALSE for a connection that only reads
 * Returns: (transfer full): or NULL; PLAZA_ERROR_INVALID for another kind of URI.
 */
PlazaStorage *
plaza_storage_open (const char *uri, const char *directory, gboolean writable, GError **error);
void plaza_storage_close (PlazaStorage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaStorage, plaza_storage_close)

/**
 * plaza_storage_audit: appends to the audit log inside the current transaction.
 * @actor: a device, or "operator"; @object and @details hold ids, hashes and counts, never personal
 * data
 * @out: (out) (nullable): sequence and hash of the new head
 */
gboolean plaza_storage_audit (PlazaStorage *self,
                              gint64 time,
                              const char *actor,
                              const char *action,
                              const char *object,
                              const char *details,
                              PlazaAuditRow *out,
                              GError **error);

/** plaza_storage_audit_head: the newest row; *@sequence 0 when the log is empty. */
gboolean
plaza_storage_audit_head (PlazaStorage *self, guint64 *sequence, PlazaHash *hash, GError **error);

/** plaza_audit_row_hash: the hash that @row must have. */
void plaza_audit_row_hash (const PlazaAuditRow *row, PlazaHash *out);

/* The engines; called by plaza_storage_open(). */
PlazaStorage *plaza_storage_sqlite_open (const char *path, gboolean writable, GError **error);
PlazaStorage *plaza_storage_postgresql_open (const char *uri, gboolean writable, GError **error);

G_END_DECLS
