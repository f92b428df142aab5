using Wombat.Application.Projects;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Identity;

/// <summary>The projects named in ldap.roles and auth.oidc.roles.</summary>
internal sealed class MappedProjectNames(WombatSettings settings) : IReservedProjectNames
{
    public bool IsReserved(string unixName) =>
        settings.Ldap?.Mappings.Projects.Contains(unixName) == true || settings.Oidc?.Mappings.Projects.Contains(unixName) == true;
}
