using System.Collections.Concurrent;
using Wombat.Application.Containers;
using Wombat.Application.Jobs;
using Wombat.Application.Projects;
using Wombat.Domain.Access;
using Wombat.Domain.Jobs;
using Wombat.Domain.Members;
using Wombat.Domain.Resources;

namespace Wombat.Application.Access;

/// <summary>What the caller may do now with what is answered, by role and by state: a page only draws it.</summary>
public sealed class Actions(RequestContext context, ProjectAccessService projectAccess, JobKinds kinds)
{
    private static readonly Rule<ProjectDto>[] OfProject =
    [
        new("update", Permission.ProjectUpdate, p => p.DeletingSince is null),
        new("delete", Permission.ProjectDelete, p => p.DeletingSince is null),
        new("create_container", Permission.ContainerCreate, p => p is { Active: true, DeletingSince: null }),
        new("manage_members", Permission.MemberManage, p => p.DeletingSince is null),
        new("manage_tokens", Permission.ProjectTokenManage, p => p.DeletingSince is null),
        new("read_events", Permission.EventRead, _ => true),
    ];

    private static readonly Rule<ContainerDto>[] OfContainer =
    [
        new(
            "start",
            Permission.ContainerOperate,
            c => c.Status is ResourceStatus.Stopped or ResourceStatus.Error && c.ExternalId is not null
        ),
        new(
            "stop",
            Permission.ContainerOperate,
            c => c.Status is ResourceStatus.Running or ResourceStatus.Error && c.ExternalId is not null
        ),
        new(
            "restart",
            Permission.ContainerOperate,
            c => c.Status is ResourceStatus.Running or ResourceStatus.Error && c.ExternalId is not null
        ),
        new("delete", Permission.ContainerDelete, c => c.Status is not (ResourceStatus.Deleting or ResourceStatus.Deleted)),
        new("forget", Permission.ContainerForget, c => Resource.IsForgettable(c.Status, c.DeleteFailedAt)),
    ];

    private static readonly ConcurrentDictionary<(Permission Cancel, Permission Retry), Rule<JobDto>[]> OfJobs = new();

    // The same few lists again and again: they are made once.
    private static readonly ConcurrentDictionary<
        (object Rules, TokenScope Scope, bool IsAdmin, ProjectRole? Role, int States),
        string[]
    > Known = new();

    /// <summary>The names of all actions of a project.</summary>
    public static IEnumerable<string> NamesOfProject => OfProject.Select(r => r.Name);

    /// <summary>The names of all actions of a container.</summary>
    public static IEnumerable<string> NamesOfContainer => OfContainer.Select(r => r.Name);

    /// <summary>The names of all actions of a job.</summary>
    public static IEnumerable<string> NamesOfJob => RulesOfJob(default).Select(r => r.Name);

    /// <summary>For an answer about the project that the guard looked at.</summary>
    public ProjectDto Show(ProjectDto project) => Show(project, context.ProjectAccess ?? ProjectAccess.Full);

    public ProjectDto Show(ProjectDto project, ProjectAccess access)
    {
        project.Actions = Allowed(OfProject, project, access);
        return project;
    }

    public ContainerDto Show(ContainerDto container) => Show(container, context.ProjectAccess ?? ProjectAccess.Full);

    public JobDto Show(JobDto job) => Show(job, context.ProjectAccess ?? ProjectAccess.Full);

    public async Task<List<ProjectDto>> ShowAsync(List<ProjectDto> projects, CancellationToken cancel)
    {
        var known = await projectAccess.GetManyAsync(projects.Select(p => p.Id), cancel);
        projects.ForEach(p => Show(p, known[p.Id]));
        return projects;
    }

    public async Task<List<ContainerDto>> ShowAsync(List<ContainerDto> containers, CancellationToken cancel)
    {
        var known = await projectAccess.GetManyAsync(containers.Select(c => c.ProjectId), cancel);
        containers.ForEach(c => Show(c, known[c.ProjectId]));
        return containers;
    }

    public async Task<List<JobDto>> ShowAsync(List<JobDto> jobs, CancellationToken cancel)
    {
        var known = await projectAccess.GetManyAsync(jobs.Where(j => j.ProjectId is not null).Select(j => j.ProjectId!.Value), cancel);
        jobs.ForEach(j => Show(j, j.ProjectId is { } project ? known[project] : ProjectAccess.Full));
        return jobs;
    }

    private ContainerDto Show(ContainerDto container, ProjectAccess access)
    {
        container.Actions = Allowed(OfContainer, container, access);
        return container;
    }

    private JobDto Show(JobDto job, ProjectAccess access)
    {
        job.Actions = Allowed(
            OfJobs.GetOrAdd((kinds.PermissionFor(JobAction.Cancel, job.Kind), kinds.PermissionFor(JobAction.Retry, job.Kind)), RulesOfJob),
            job,
            access
        );
        return job;
    }

    private static Rule<JobDto>[] RulesOfJob((Permission Cancel, Permission Retry) needed) =>
        [
            new(
                "cancel",
                needed.Cancel,
                j => j.Status is JobState.Queued or JobState.WaitingRetry or JobState.Running && !j.CancelRequested
            ),
            new("retry", needed.Retry, j => j.Status.IsRetryable()),
        ];

    private string[] Allowed<T>(Rule<T>[] rules, T thing, ProjectAccess access)
    {
        var states = 0;
        for (var i = 0; i < rules.Length; i++)
        {
            states |= rules[i].Fits(thing) ? 1 << i : 0;
        }

        var caller = context.Caller!;
        var key = (rules, caller.Scope, projectAccess.HasFullAccess, access.Role, states);
        return Known.TryGetValue(key, out var names)
            ? names
            : Known[key] = [
                .. rules
                    .Where((r, i) => (states & (1 << i)) != 0 && PermissionMatrix.Decide(caller, r.Permission, access) == Decision.Allowed)
                    .Select(r => r.Name),
            ];
    }

    private sealed record Rule<T>(string Name, Permission Permission, Func<T, bool> Fits);
}
