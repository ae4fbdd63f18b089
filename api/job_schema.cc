#include "api/job_schema.h"

namespace qalam::api {
namespace {

using enum SchemaType;

constexpr SchemaField kMetadata[] = {
    {"name", kText},
    {"generateName", kText},
    {"namespace", kText},
    {"selfLink", kText},
    {"uid", kText},
    {"resourceVersion", kText},
    {"generation", kInteger},
    {"creationTimestamp", kText},
    {"deletionTimestamp", kText},
    {"deletionGracePeriodSeconds", kInteger},
    {"labels", kTextMap},
    {"annotations", kTextMap},
    {"ownerReferences"},
    {"finalizers", kTexts},
    {"managedFields"},
};

constexpr SchemaField kKeyRef[] = {{"name", kText}, {"key", kText}, {"optional", kBoolean}};
constexpr SchemaField kFieldRef[] = {{"apiVersion", kText}, {"fieldPath", kText}};
constexpr SchemaField kResourceFieldRef[] = {
    {"containerName", kText}, {"resource", kText}, {"divisor", kIntegerOrText}};
constexpr SchemaField kEnvSource[] = {
    {"fieldRef", kObject, kFieldRef},
    {"resourceFieldRef", kObject, kResourceFieldRef},
    {"configMapKeyRef", kObject, kKeyRef},
    {"secretKeyRef", kObject, kKeyRef},
    {"fileKeyRef"},
};
constexpr SchemaField kEnv[] = {{"name", kText}, {"value", kText}, {"valueFrom", kObject, kEnvSource}};

constexpr SchemaField kNameRef[] = {{"name", kText}, {"optional", kBoolean}};
constexpr SchemaField kEnvFrom[] = {
    {"prefix", kText}, {"configMapRef", kObject, kNameRef}, {"secretRef", kObject, kNameRef}};

constexpr SchemaField kPort[] = {{"name", kText},
                                 {"hostPort", kInteger},
                                 {"containerPort", kInteger},
                                 {"protocol", kText},
                                 {"hostIP", kText}};

constexpr SchemaField kResources[] = {{"limits", kQuantities}, {"requests", kQuantities}, {"claims"}};

constexpr SchemaField kVolumeMount[] = {
    {"name", kText},    {"readOnly", kBoolean},      {"recursiveReadOnly", kText}, {"mountPath", kText},
    {"subPath", kText}, {"mountPropagation", kText}, {"subPathExpr", kText},
};
constexpr SchemaField kVolumeDevice[] = {{"name", kText}, {"devicePath", kText}};

constexpr SchemaField kContainer[] = {
    {"name", kText},
    {"image", kText},
    {"command", kTexts},
    {"args", kTexts},
    {"workingDir", kText},
    {"ports", kObjects, kPort},
    {"envFrom", kObjects, kEnvFrom},
    {"env", kObjects, kEnv},
    {"resources", kObject, kResources},
    {"resizePolicy"},
    {"restartPolicy", kText},
    {"restartPolicyRules"},
    {"volumeMounts", kObjects, kVolumeMount},
    {"volumeDevices", kObjects, kVolumeDevice},
    {"livenessProbe"},
    {"readinessProbe"},
    {"startupProbe"},
    {"lifecycle"},
    {"terminationMessagePath", kText},
    {"terminationMessagePolicy", kText},
    {"imagePullPolicy", kText},
    {"securityContext"},
    {"stdin", kBoolean},
    {"stdinOnce", kBoolean},
    {"tty", kBoolean},
};

constexpr SchemaField kVolume[] = {
    {"name", kText},
    {"hostPath"},
    {"emptyDir"},
    {"gcePersistentDisk"},
    {"awsElasticBlockStore"},
    {"gitRepo"},
    {"secret"},
    {"nfs"},
    {"iscsi"},
    {"glusterfs"},
    {"persistentVolumeClaim"},
    {"rbd"},
    {"flexVolume"},
    {"cinder"},
    {"cephfs"},
    {"flocker"},
    {"downwardAPI"},
    {"fc"},
    {"azureFile"},
    {"configMap"},
    {"vsphereVolume"},
    {"quobyte"},
    {"azureDisk"},
    {"photonPersistentDisk"},
    {"projected"},
    {"portworxVolume"},
    {"scaleIO"},
    {"storageos"},
    {"csi"},
    {"ephemeral"},
    {"image"},
};

constexpr SchemaField kLocalRef[] = {{"name", kText}};
constexpr SchemaField kToleration[] = {{"key", kText},
                                       {"operator", kText},
                                       {"value", kText},
                                       {"effect", kText},
                                       {"tolerationSeconds", kInteger}};
constexpr SchemaField kHostAlias[] = {{"ip", kText}, {"hostnames", kTexts}};

constexpr SchemaField kPodSpec[] = {
    {"volumes", kObjects, kVolume},
    {"initContainers", kObjects, kContainer},
    {"containers", kObjects, kContainer},
    {"ephemeralContainers"},
    {"restartPolicy", kText},
    {"terminationGracePeriodSeconds", kInteger},
    {"activeDeadlineSeconds", kInteger},
    {"dnsPolicy", kText},
    {"nodeSelector", kTextMap},
    {"serviceAccountName", kText},
    {"serviceAccount", kText},
    {"automountServiceAccountToken", kBoolean},
    {"nodeName", kText},
    {"hostNetwork", kBoolean},
    {"hostPID", kBoolean},
    {"hostIPC", kBoolean},
    {"shareProcessNamespace", kBoolean},
    {"securityContext"},
    {"imagePullSecrets", kObjects, kLocalRef},
    {"hostname", kText},
    {"subdomain", kText},
    {"affinity"},
    {"schedulerName", kText},
    {"tolerations", kObjects, kToleration},
    {"hostAliases", kObjects, kHostAlias},
    {"priorityClassName", kText},
    {"priority", kInteger},
    {"dnsConfig"},
    {"readinessGates"},
    {"runtimeClassName", kText},
    {"enableServiceLinks", kBoolean},
    {"preemptionPolicy", kText},
    {"overhead", kQuantities},
    {"topologySpreadConstraints"},
    {"setHostnameAsFQDN", kBoolean},
    {"os", kObject, kLocalRef},
    {"hostUsers", kBoolean},
    {"schedulingGates", kObjects, kLocalRef},
    {"resourceClaims"},
    {"resources", kObject, kResources},
    {"hostnameOverride", kText},
    {"workloadRef"},
};

constexpr SchemaField kPodTemplate[] = {{"metadata", kObject, kMetadata}, {"spec", kObject, kPodSpec}};

constexpr SchemaField kJobSpec[] = {
    {"parallelism", kInteger},
    {"completions", kInteger},
    {"activeDeadlineSeconds", kInteger},
    {"podFailurePolicy"},
    {"successPolicy"},
    {"backoffLimit", kInteger},
    {"backoffLimitPerIndex", kInteger},
    {"maxFailedIndexes", kInteger},
    {"selector"},
    {"manualSelector", kBoolean},
    {"template", kObject, kPodTemplate},
    {"ttlSecondsAfterFinished", kInteger},
    {"completionMode", kText},
    {"suspend", kBoolean},
    {"podReplacementPolicy", kText},
    {"managedBy", kText},
};

constexpr SchemaField kJob[] = {{"apiVersion", kText},
                                {"kind", kText},
                                {"metadata", kObject, kMetadata},
                                {"spec", kObject, kJobSpec},
                                {"status"}};

constexpr SchemaField kRuntimeRef[] = {{"name", kText}, {"apiGroup", kText}, {"kind", kText}};
constexpr SchemaField kTrainer[] = {
    {"image", kText},
    {"command", kTexts},
    {"args", kTexts},
    {"env", kObjects, kEnv},
    {"numNodes", kIntegerOrText},
    {"resourcesPerNode", kObject, kResources},
    {"numProcPerNode", kIntegerOrText},
};
constexpr SchemaField kTrainJobSpec[] = {
    {"runtimeRef", kObject, kRuntimeRef},
    {"initializer"},
    {"trainer", kObject, kTrainer},
    {"labels", kTextMap},
    {"annotations", kTextMap},
    {"podTemplateOverrides"},
    {"runtimePatches"},
    {"suspend", kBoolean},
    {"managedBy", kText},
    {"activeDeadlineSeconds", kIntegerOrText},
};
constexpr SchemaField kTrainJob[] = {{"apiVersion", kText},
                                     {"kind", kText},
                                     {"metadata", kObject, kMetadata},
                                     {"spec", kObject, kTrainJobSpec},
                                     {"status"}};

}  // namespace

std::span<const SchemaField> JobSchema() { return kJob; }
std::span<const SchemaField> TrainJobSchema() { return kTrainJob; }
std::span<const SchemaField> ContainerSchema() { return kContainer; }

}  // namespace qalam::api
