using Wombat.Domain.Access;
using Wombat.Domain.Jobs;

namespace Wombat.Application.Jobs;

/// <summary>The kinds of job that have a handler here.</summary>
public sealed class JobKinds(IEnumerable<JobKind> kinds)
{
    private readonly Dictionary<string, JobKind> declared = kinds.ToDictionary(k => k.Name, StringComparer.Ordinal);

    public IReadOnlyCollection<JobKind> All => declared.Values;

    /// <summary>In alphabetical order.</summary>
    public IReadOnlyList<string> Names => [.. declared.Keys.Order(StringComparer.Ordinal)];

    public JobOptions OptionsFor(string kind) => declared.GetValueOrDefault(kind)?.Options ?? new JobOptions();

    /// <summary>As <see cref="JobKind.OutlivesProject"/>.</summary>
    public bool OutlivesProject(string kind) => declared.GetValueOrDefault(kind)?.OutlivesProject ?? false;

    /// <summary>As <see cref="JobKind.OutlivesOutages"/>.</summary>
    public bool OutlivesOutages(string kind) => declared.GetValueOrDefault(kind)?.OutlivesOutages ?? false;

    /// <summary>Jobs of unknown kinds are for admins.</summary>
    public Permission PermissionFor(JobAction action, string kind) =>
        !declared.TryGetValue(kind, out var known) ? Permission.JobManage
        : action == JobAction.Retry ? known.Retry
        : known.Cancel;
}
