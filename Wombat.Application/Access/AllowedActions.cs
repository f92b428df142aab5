using System.Collections.Concurrent;
using Wombat.Domain.Access;
using Wombat.Domain.Members;

namespace Wombat.Application.Access;

/// <summary>Sets the actions of an answer: those that the item's state and the caller's permissions allow now.</summary>
public sealed class AllowedActions(RequestContext context, ProjectAccessService projectAccess)
{
    // There are few distinct lists; each is created once.
    private static readonly ConcurrentDictionary<
        (object Rules, TokenScope Scope, bool HasFullAccess, ProjectRole? Role, int Possible),
        string[]
    > Lists = new();

    /// <summary>For an item of the project or job that the message is about.</summary>
    /// <param name="rules">At most 32, and the same list for every call.</param>
    public void Apply<T>(IReadOnlyList<ActionRule<T>> rules, T item)
        where T : IHasActions => item.Actions = Of(rules, item, context.ProjectAccess ?? ProjectAccess.Full);

    /// <summary>For the items of a page, which belong to any projects.</summary>
    /// <param name="rulesOf">As for <see cref="Apply"/>.</param>
    /// <param name="projectOf">The project that an item belongs to; null for an item of the platform.</param>
    public async Task ApplyAsync<T>(
        IReadOnlyCollection<T> items,
        Func<T, IReadOnlyList<ActionRule<T>>> rulesOf,
        Func<T, Guid?> projectOf,
        CancellationToken cancel
    )
        where T : IHasActions
    {
        var access = await projectAccess.GetManyAsync(items.Select(projectOf).OfType<Guid>(), cancel);
        foreach (var item in items)
        {
            item.Actions = Of(rulesOf(item), item, projectOf(item) is { } project ? access[project] : ProjectAccess.Full);
        }
    }

    /// <param name="access">The caller's access to the item's project.</param>
    public string[] Of<T>(IReadOnlyList<ActionRule<T>> rules, T item, ProjectAccess access)
    {
        var possible = 0;
        for (var i = 0; i < rules.Count; i++)
        {
            possible |= rules[i].IsPossible(item) ? 1 << i : 0;
        }

        var caller = context.Caller!;
        var key = (rules, caller.Scope, projectAccess.HasFullAccess, access.Role, possible);
        return Lists.TryGetValue(key, out var known) ? known : Lists[key] = [.. rules.Where(IsAllowed).Select(r => r.Name)];

        bool IsAllowed(ActionRule<T> rule, int index) =>
            (possible & (1 << index)) != 0 && PermissionMatrix.Decide(caller, rule.Permission, access) == Decision.Allowed;
    }
}
