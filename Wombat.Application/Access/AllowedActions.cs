using System.Collections.Concurrent;
using Wombat.Domain.Access;
using Wombat.Domain.Members;

namespace Wombat.Application.Access;

/// <summary>Sets the actions of an answer: those that the item's state and the caller's permissions allow now.</summary>
public abstract class AllowedActions<T>(RequestContext context, ProjectAccessService projectAccess)
    where T : IHasActions
{
    // There are few distinct lists; each is created once.
    private static readonly ConcurrentDictionary<
        (object Rules, TokenScope Scope, bool HasFullAccess, ProjectRole? Role, int Possible),
        string[]
    > Lists = new();

    /// <summary>For an item of the project or job that the message is about.</summary>
    public T Apply(T item) => Apply(item, context.ProjectAccess ?? ProjectAccess.Full);

    /// <param name="access">The caller's access to the item's project.</param>
    public T Apply(T item, ProjectAccess access)
    {
        item.Actions = Allowed(item, access);
        return item;
    }

    /// <summary>For the items of a page, which belong to any projects.</summary>
    public async Task<List<T>> ApplyAsync(List<T> items, CancellationToken cancel)
    {
        var access = await projectAccess.GetManyAsync(items.Select(ProjectOf).OfType<Guid>(), cancel);
        items.ForEach(i => Apply(i, ProjectOf(i) is { } project ? access[project] : ProjectAccess.Full));
        return items;
    }

    /// <summary>The project that the item belongs to; null for an item of the platform.</summary>
    protected abstract Guid? ProjectOf(T item);

    /// <summary>The actions of an item. Equal items get the same list instance.</summary>
    protected abstract IReadOnlyList<ActionRule<T>> RulesFor(T item);

    private string[] Allowed(T item, ProjectAccess access)
    {
        var rules = RulesFor(item);
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
