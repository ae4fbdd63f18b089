// Deletion with finalizers, owners and dependants, as Kubernetes' garbage collector decides it, but within
// the one change set of the write that caused it: there is no moment at which an owner is gone and its
// dependants are forgotten. Internal to this room.
#pragma once

#include "absl/time/time.h"
#include "api/resource_store.h"
#include "db/resource_table.h"

namespace qalam::db {

/// Deletes `resource`: without finalizers it goes, otherwise it gets its deletion timestamp `now`. A resource
/// that is being deleted already is left alone.
///
/// Dependants name an owner by uid in their own namespace. Background: they are deleted once the owner is
/// gone. Foreground: they are deleted first; the owner waits with the finalizer foregroundDeletion for those
/// that have blockOwnerDeletion. Orphan: they lose the reference. A dependant that has another living owner
/// only loses the reference. A namespace owns what is in it, and is deleted in the foreground whatever
/// `propagation` says; what is created in it meanwhile goes at once. Owners of kinds that are not stored here
/// (a Job, a Deployment) count as living.
void DeleteResource(ChangeSet& changes, const api::Resource& resource, api::Propagation propagation,
                    absl::Time now);

/// Stores a resource that was created or updated. One that only waited for its finalizers goes when the last
/// of them does; one whose owners are all gone is stored and then deleted.
void StoreResource(ChangeSet& changes, std::shared_ptr<api::Resource> resource, absl::Time now);

}  // namespace qalam::db
