using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Directories;

namespace Wombat.Application.Directories;

/// <summary>The groups of the LDAP directory and of the OpenID provider that give roles, as they are configured.</summary>
[RequirePermission(Permission.SettingsRead)]
public sealed record ListRoleMappings : IRequest<Page<RoleMappingDto>>;

internal sealed class ListRoleMappingsHandler(IDirectory directory, IOpenIdProvider provider, IWombatDbContext db)
    : IRequestHandler<ListRoleMappings, Page<RoleMappingDto>>
{
    public async Task<Page<RoleMappingDto>> Handle(ListRoleMappings request, CancellationToken cancellationToken)
    {
        (RoleMappingSource Source, RoleMapping Mapping)[] all =
        [
            .. (directory.IsConfigured ? directory.Mappings.All : []).Select(m => (RoleMappingSource.Ldap, m)),
            .. (provider.Name is null ? [] : provider.Mappings.All).Select(m => (RoleMappingSource.OpenId, m)),
        ];
        var names = all.Select(a => a.Mapping.Project).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        var projects = await db
            .Projects.Where(p => names.Contains(p.UnixName))
            .ToDictionaryAsync(p => p.UnixName, p => p.Id, StringComparer.Ordinal, cancellationToken);
        return new Page<RoleMappingDto>([.. all.Select(a => ToDto(a.Source, a.Mapping, projects))], null);
    }

    private static RoleMappingDto ToDto(RoleMappingSource source, RoleMapping mapping, Dictionary<string, Guid> projects) =>
        mapping.Project is { } project
            ? new(source, mapping.Group, Admin: false, project, projects.TryGetValue(project, out var id) ? id : null, mapping.Role)
            : new(source, mapping.Group, Admin: true, null, null, null);
}
