using System.Reflection;
using Wombat.Domain.Access;

namespace Wombat.Application.Jobs;

/// <summary>The kinds of job that have a handler, and the permissions that retrying and cancelling them need.</summary>
public sealed class JobKinds
{
    private readonly Dictionary<string, JobKindAttribute> declared;

    private JobKinds(Dictionary<string, JobKindAttribute> declared)
    {
        this.declared = declared;
        Names = [.. declared.Keys.Order(StringComparer.Ordinal)];
    }

    /// <summary>The kinds that Wombat itself has.</summary>
    public static JobKinds Declared { get; } = Of(typeof(JobKinds).Assembly);

    /// <summary>In alphabetical order.</summary>
    public IReadOnlyList<string> Names { get; }

    public IReadOnlyCollection<JobKindAttribute> All => declared.Values;

    /// <summary>Reads the declarations of all handlers.</summary>
    /// <exception cref="InvalidOperationException">Handlers without a declaration, by name.</exception>
    public static JobKinds Of(Assembly assembly)
    {
        var handlers = HandlersIn(assembly).ToList();
        var missing = handlers.Where(t => t.GetCustomAttribute<JobKindAttribute>() is null).Select(t => t.Name).ToList();
        return missing.Count == 0
            ? new JobKinds(
                handlers.Select(t => t.GetCustomAttribute<JobKindAttribute>()!).ToDictionary(k => k.Kind, StringComparer.Ordinal)
            )
            : throw new InvalidOperationException($"Job handlers that declare no kind ([JobKind]): {string.Join(", ", missing)}.");
    }

    public static IEnumerable<Type> HandlersIn(Assembly assembly) =>
        assembly.GetTypes().Where(t => !t.IsAbstract && typeof(IJobHandler).IsAssignableFrom(t));

    /// <summary>A kind that this version does not know is left to admins.</summary>
    public Permission PermissionFor(JobAction action, string kind) =>
        !declared.TryGetValue(kind, out var known) ? Permission.JobManage
        : action == JobAction.Retry ? known.Retry
        : known.Cancel;
}

/// <summary>What a caller does with a job.</summary>
public enum JobAction
{
    Retry,
    Cancel,
}
