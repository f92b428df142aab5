using MediatR;
using Wombat.Application.Common;
using Wombat.Application.Directories;
using Wombat.Application.Roles;
using Wombat.Application.Settings;

namespace Wombat.Api.Endpoints;

internal static class AdministrationEndpoints
{
    public static void MapSettings(this IEndpointRouteBuilder api) =>
        api.MapGet("/settings", (IMediator mediator, CancellationToken cancel) => mediator.Send(new ListSettings(), cancel))
            .WithTags("Administration")
            .WithName("ListSettings")
            .WithSummary("List settings")
            .WithDescription(
                "The settings in effect of the process that answers, with the source of each. Secrets are not shown. Settings change at a "
                    + "start only."
            )
            .Produces<Page<SettingDto>>();

    public static void MapRoles(this IEndpointRouteBuilder api)
    {
        api.MapGet("/roles", (IMediator mediator, CancellationToken cancel) => mediator.Send(new ListRoles(), cancel))
            .WithTags("Administration")
            .WithName("ListRoles")
            .WithSummary("List roles")
            .WithDescription("The roles and what each allows, the least first. The role user is that of everyone who is signed in.")
            .Produces<Page<RoleDto>>();
        api.MapGet("/role-mappings", (IMediator mediator, CancellationToken cancel) => mediator.Send(new ListRoleMappings(), cancel))
            .WithTags("Administration")
            .WithName("ListRoleMappings")
            .WithSummary("List role mappings")
            .WithDescription("The groups of the LDAP directory and of the OpenID provider whose members get roles, as configured.")
            .Produces<Page<RoleMappingDto>>();
    }
}
