/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "seal/sealbox.h"
#include "wire/header.h"

G_BEGIN_DECLS

typedef enum
{
  PLAZA_ENTRY_REVISION = 1,
  PLAZA_ENTRY_OUTCOME = 2,
  PLAZA_ENTRY_VOID = 3,
  PLAZA_ENTRY_WITHDRAWAL = 4,
  PLAZA_ENTRY_SESSION = 5,
  PLAZA_ENTRY_CONTACT = 16,
  PLAZA_ENTRY_CONTACT_TOTAL = 17,
} PlazaEntryKind;

/** plaza_entry_kind_name: "revision", "outcome", "void", "withdrawal", "session", "contact",
 * "contact-total". */
const char *plaza_entry_kind_name (PlazaEntryKind kind);
gboolean plaza_entry_kind_parse (const char *name, PlazaEntryKind *out, GError **error);
/** plaza_entry_kind_is_contact: contact and contact-total, which never share an envelope with the
 * rest. */
gboolean plaza_entry_kind_is_contact (PlazaEntryKind kind);

typedef struct _PlazaRevision PlazaRevision;

/**
 * PlazaEntry: one fact on its way to the central. Immutable, fields read-only, reference counted.
 * Two entries with the same id and hash are the same fact; with the same id and another hash, a
 * conflict.
 */
typedef struct
{
  PlazaEntryKind kind;
  char *id; /* UUID: the revision's own for a revision, random for a contact, else UUIDv7 */
  guint64
      sequence; /* of the device's response entries, from 1 without gaps; 0 for the contact kinds */
  PlazaHash hash;          /* of a revision as plaza_revision_hash() says; else of the payload */
  GBytes *payload;         /* exact bytes */
  PlazaRevision *revision; /* its parts, when it was read as one; plaza_entry_get_revision() */
} PlazaEntry;

/**
 * plaza_entry_new: checks that @payload is well-formed for @kind and takes its hash.
 * @id: NULL to take the one that the payload states (revision), else it must be given
 */
PlazaEntry *plaza_entry_new (
    PlazaEntryKind kind, const char *id, guint64 sequence, GBytes *payload, GError **error);

/**
 * plaza_entry_new_stored: an entry again from bytes that plaza_entry_new() made or accepted and
 * that were authenticated when they were read: takes the hash and looks no further than that needs.
 */
PlazaEntry *plaza_entry_new_stored (
    PlazaEntryKind kind, const char *id, guint64 sequence, GBytes *payload, GError **error);
PlazaEntry *plaza_entry_ref (PlazaEntry *entry);
void plaza_entry_unref (PlazaEntry *entry);

/* Revisions */

/**
 * PlazaRevision: the parts of a revision, immutable and reference counted. Payload: four times
 * u32le length ‖ bytes (header JSON, submission XML, annotations JSON, attachment hashes of 32
 * bytes each).
 */
struct _PlazaRevision
{
  PlazaHeader header;
  GBytes *header_json; /* the exact bytes */
  GBytes *xml;         /* the exact submission XML */
  GBytes *annotations; /* JSON object, "{}" at least */
  GBytes *attachments; /* PlazaHash values end to end, may be empty */
  PlazaHash xml_hash;
  PlazaHash annotations_hash;
  PlazaHash hash; /* as plaza_revision_hash() says */
};

/**
 * plaza_revision_hash: BLAKE2b-256 (header ‖ hash (xml) ‖ hash (annotations) ‖ attachments).
 * @annotations, @attachments: (nullable)
 */
void plaza_revision_hash (
    GBytes *header_json, GBytes *xml, GBytes *annotations, GBytes *attachments, PlazaHash *out);

/**
 * plaza_entry_new_revision: packs a finished revision; its id is header->revision.
 * @annotations, @attachments: (nullable)
 */
PlazaEntry *plaza_entry_new_revision (const PlazaHeader *header,
                                      guint64 sequence,
                                      GBytes *xml,
                                      GBytes *annotations,
                                      GBytes *attachments,
                                      GError **error);

/** plaza_revision_payload: the payload that these exact parts make. */
GBytes *
plaza_revision_payload (GBytes *header_json, GBytes *xml, GBytes *annotations, GBytes *attachments);

/** plaza_entry_get_revision: Returns: (transfer full): the parts; PLAZA_ERROR_INVALID: of another
 * kind. */
PlazaRevision *plaza_entry_get_revision (PlazaEntry *entry, GError **error);
void plaza_revision_unref (PlazaRevision *revision);

/* Outcomes without answers: the payload is a header whose revision is NULL. */

PlazaEntry *plaza_entry_new_outcome (const char *id,
                                     const PlazaHeader *header,
                                     guint64 sequence,
                                     GError **error);
gboolean plaza_entry_get_outcome (PlazaEntry *entry, PlazaHeader *out, GError **error);

/* Void and withdrawal */

/** PlazaRemoval: a void (content kept, not counted) or a withdrawal (content destroyed, counted).
 */
typedef struct
{
  char *campaign; /* fingerprint */
  char *response; /* UUID; NULL in a withdrawal by folio */
  char *folio;    /* NULL unless the withdrawal is by folio */
  char *device;
  char *author;
  char *reason; /* void: test, duplicate, mistake or a text of at most 200 characters; withdrawal:
                   NULL */
  char *at;     /* ISO 8601 with offset */
} PlazaRemoval;

void plaza_removal_clear (PlazaRemoval *removal);
/** plaza_entry_new_removal: @kind: PLAZA_ENTRY_VOID or PLAZA_ENTRY_WITHDRAWAL. */
PlazaEntry *plaza_entry_new_removal (PlazaEntryKind kind,
                                     const char *id,
                                     const PlazaRemoval *removal,
                                     guint64 sequence,
                                     GError **error);
gboolean plaza_entry_get_removal (PlazaEntry *entry, PlazaRemoval *out, GError **error);

/* Field sessions */

/** PlazaSessionState: a field session as it stands after revision @revision of it. */
typedef struct
{
  char *campaign; /* fingerprint */
  char *session;  /* UUID, permanent */
  guint revision; /* from 1; the highest holds */
  char *device;
  char *author;
  char *organisation;
  char *team;        /* free text, may be "" */
  char *facilitator; /* as shown, may be "" */
  char *state;
  char *municipality; /* code, or "" when typed */
  char *place;        /* typed municipality or locality, may be "" */
  char *date;         /* "YYYY-MM-DD" */
  char *language;
  char *mode;        /* the usual one: interview, self or keyed */
  gint64 attendance; /* -1 when not counted */
  char *at;          /* ISO 8601 with offset */
} PlazaSessionState;

void plaza_session_state_clear (PlazaSessionState *session);
PlazaEntry *plaza_entry_new_session (const char *id,
                                     const PlazaSessionState *session,
                                     guint64 sequence,
                                     GError **error);
gboolean plaza_entry_get_session (PlazaEntry *entry, PlazaSessionState *out, GError **error);

/* Contacts */

/**
 * PlazaContact: a person's contact details as anybody but the custodians sees them. Payload: date
 * (10 ASCII bytes) ‖ custody key id (16) ‖ sealed box (48 + a multiple of 2 KiB).
 */
typedef struct
{
  char *date; /* "YYYY-MM-DD", one for the whole campaign, so that it dates nobody */
  guint8 custody_key_id[PLAZA_KEY_ID_SIZE];
  GBytes *sealed;
} PlazaContact;

/**
 * plaza_entry_new_contact: seals @plain (UTF-8 JSON of the contact fields) to the custody key.
 * Nothing in the entry leads to the response.
 * @out_number: (out) (transfer full) (nullable): the contact number that the person keeps, 64
 * random bits; the entry's id is derived from it one way, so it is known to nobody else
 */
PlazaEntry *plaza_entry_new_contact (const PlazaPublicKey *custody,
                                     const char *campaign_date,
                                     GBytes *plain,
                                     char **out_number,
                                     GError **error);
gboolean plaza_entry_get_contact (PlazaEntry *entry, PlazaContact *out, GError **error);
void plaza_contact_clear (PlazaContact *contact);

/** plaza_contact_id: Returns: (transfer full): the id of the contact with this number. */
char *plaza_contact_id (const char *number, GError **error);

/** plaza_entry_new_contact_total: how many contacts this device ever sealed, sent at hand-in. */
PlazaEntry *plaza_entry_new_contact_total (const char *device, guint64 count, GError **error);
gboolean
plaza_entry_get_contact_total (PlazaEntry *entry, char **device, guint64 *count, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaEntry, plaza_entry_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlazaRevision, plaza_revision_unref)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaRemoval, plaza_removal_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaSessionState, plaza_session_state_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PlazaContact, plaza_contact_clear)

G_END_DECLS
