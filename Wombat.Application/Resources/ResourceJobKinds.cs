using Wombat.Application.Jobs;
using Wombat.Domain.Access;
using Wombat.Domain.Jobs;

namespace Wombat.Application.Resources;

/// <summary>The kinds of jobs that every resource has.</summary>
public static class ResourceJobKinds
{
    public static readonly JobKind Provision = new("resource.provision", Permission.ContainerCreate);
    public static readonly JobKind Start = new("resource.start", Permission.ContainerOperate);
    public static readonly JobKind Stop = new("resource.stop", Permission.ContainerOperate);
    public static readonly JobKind Restart = new("resource.restart", Permission.ContainerOperate);

    /// <summary>Members cannot cancel it, since it takes away the access of former ones; it goes ahead of all that waits.</summary>
    public static readonly JobKind Keys = new("resource.keys", Permission.ContainerOperate)
    {
        Cancel = Permission.JobManage,
        Options = new JobOptions(Priority: Job.Urgent),
    };

    public static readonly JobKind Deprovision = new("resource.deprovision", Permission.ContainerDelete)
    {
        Options = new JobOptions(Attempts: 8),
    };
}
