using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Common;
using Wombat.Domain.Access;

namespace Wombat.Application.Roles;

/// <summary>The roles and what each allows, the least first.</summary>
[RequirePermission(Permission.IdentityRead)]
public sealed record ListRoles : IRequest<Page<RoleDto>>;

internal sealed class ListRolesHandler : IRequestHandler<ListRoles, Page<RoleDto>>
{
    private const string User = "user";
    private const string Admin = "admin";

    private static readonly (string Name, Audience Least)[] OfProject =
    [
        ("viewer", Audience.Viewer),
        ("developer", Audience.Developer),
        ("project_manager", Audience.ProjectManager),
    ];

    private static readonly Page<RoleDto> Roles = new(
        [
            new RoleDto(User, OfProject: false, Permissions(r => !r.IsOfProject && r.Audience != Audience.Admin)),
            .. OfProject.Select(o => new RoleDto(o.Name, OfProject: true, Permissions(r => r.IsOfProject && r.Audience <= o.Least))),
            new RoleDto(Admin, OfProject: false, Permissions(_ => true, isAdmin: true)),
        ],
        null
    );

    public Task<Page<RoleDto>> Handle(ListRoles request, CancellationToken cancellationToken) => Task.FromResult(Roles);

    private static List<RolePermissionDto> Permissions(Func<PermissionRuleAttribute, bool> isIncluded, bool isAdmin = false) =>
        [
            .. Enum.GetValues<Permission>()
                .Select(p => (Permission: p, Rule: PermissionMatrix.Of(p)))
                .Where(p => isIncluded(p.Rule))
                .Select(p => new RolePermissionDto(
                    FieldNames.Snake(p.Permission.ToString()),
                    p.Rule.Meaning,
                    p.Rule.Scope,
                    p.Rule.Audience == Audience.Self && !isAdmin
                )),
        ];
}
