using Wombat.Application.Access;
using Wombat.Domain.Access;
using Wombat.Domain.Commands;
using Wombat.Domain.Members;

namespace Wombat.Application.Commands;

/// <summary>What a caller can do with a command.</summary>
public sealed class CommandActions(AllowedActions allowed, ProjectAccessService projectAccess)
{
    private static readonly IReadOnlyList<ActionRule<CommandDto>> ForAdmins = RulesWith(_ => true);
    private static readonly IReadOnlyList<ActionRule<CommandDto>> ForMembers = RulesWith(c => c.Kind != CommandKind.Local);

    public static IEnumerable<string> Names => ForAdmins.Select(r => r.Name).Distinct(StringComparer.Ordinal);

    private IReadOnlyList<ActionRule<CommandDto>> Rules => projectAccess.HasFullAccess ? ForAdmins : ForMembers;

    /// <summary>The permission to run a command.</summary>
    public static Permission PermissionToRun(ProjectRole runBy) =>
        runBy == ProjectRole.ProjectManager ? Permission.CommandRunRestricted : Permission.CommandRun;

    public CommandDto Apply(CommandDto item)
    {
        allowed.Apply(Rules, item);
        return item;
    }

    /// <summary>For the items of a page.</summary>
    public async Task<List<CommandDto>> ApplyAsync(List<CommandDto> items, CancellationToken cancel)
    {
        var rules = Rules;
        await allowed.ApplyAsync(items, _ => rules, item => item.ProjectId, cancel);
        return items;
    }

    private static ActionRule<CommandDto>[] RulesWith(Func<CommandDto, bool> isManageable) =>
        [
            new("run", Permission.CommandRun, c => PermissionToRun(c.RunBy) == Permission.CommandRun),
            new("run", Permission.CommandRunRestricted, c => PermissionToRun(c.RunBy) == Permission.CommandRunRestricted),
            new("update", Permission.CommandManage, isManageable),
            new("delete", Permission.CommandManage, isManageable),
        ];
}
