using MediatR;
using Moq;
using Wombat.Application.Access;
using Wombat.Application.Commands;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Application.Pipeline;
using Wombat.Application.Resources;
using Wombat.Domain.Access;
using Wombat.Domain.Common;
using Wombat.Domain.Members;

namespace Wombat.Application.Tests.Pipeline;

public sealed class AuthorizationBehaviorTests
{
    private static readonly Guid Project = Guid.NewGuid();
    private static readonly Guid Ada = Guid.NewGuid();

    private readonly AccessCache cache = new(TimeProvider.System);
    private readonly RequestContext context = new();

    [Test]
    public void Handle_WhenNobodyIsAuthenticated_ThrowsUnauthenticated() =>
        Assert.ThrowsAsync<UnauthenticatedException>(() => HandleAsync(new OfProject(Project), Permission.ProjectRead, caller: null));

    [Test]
    public void Handle_WhenTheCallerIsAnonymousAndLacksThePermission_ThrowsUnauthenticated() =>
        Assert.ThrowsAsync<UnauthenticatedException>(() =>
            HandleAsync(new OfProject(Project), Permission.ProjectUpdate, Caller.Anonymous, new ProjectAccess(IsVisible: true, Role: null))
        );

    [Test]
    public void Handle_WhenTheRoleIsTooLow_ThrowsForbiddenWithThePermission()
    {
        var refused = Assert.ThrowsAsync<ForbiddenException>(() =>
            HandleAsync(
                new OfProject(Project),
                Permission.ProjectUpdate,
                User(Ada),
                new ProjectAccess(IsVisible: true, ProjectRole.Developer)
            )
        );
        Assert.That(refused.Permission, Is.EqualTo("project_update"));
    }

    [Test]
    public void Handle_WhenTheProjectIsHidden_ThrowsNotFoundAsARefusal()
    {
        var hidden = Assert.ThrowsAsync<NotFoundException>(() =>
            HandleAsync(new OfProject(Project), Permission.ProjectRead, User(Ada), default(ProjectAccess))
        );
        Assert.That((hidden.Code, hidden.IsRefusal), Is.EqualTo(("project_not_found", true)));
    }

    [Test]
    public void Handle_WhenTheAccountIsAnotherUsers_ThrowsForbidden() =>
        Assert.ThrowsAsync<ForbiddenException>(() => HandleAsync(new OfUser(Guid.NewGuid()), Permission.AccountManage, User(Ada)));

    [Test]
    public async Task Handle_WhenTheAccountIsTheCallers_CallsTheHandler() =>
        Assert.That(await HandleAsync(new OfUser(Ada), Permission.AccountManage, User(Ada)), Is.EqualTo("handled"));

    [Test]
    public async Task Handle_WhenTheRoleSuffices_CallsTheHandlerWithTheAccess()
    {
        var access = new ProjectAccess(IsVisible: true, ProjectRole.ProjectManager);
        Assert.That(await HandleAsync(new OfProject(Project), Permission.ProjectUpdate, User(Ada), access), Is.EqualTo("handled"));
        Assert.That(context.ProjectAccess, Is.EqualTo(access));
    }

    [Test]
    public async Task Handle_WhenTheCallerIsAnAdmin_HasFullAccessWithoutALookUp()
    {
        Assert.That(await HandleAsync(new OfProject(Project), Permission.ProjectDelete, Caller.System), Is.EqualTo("handled"));
        Assert.That(context.ProjectAccess, Is.EqualTo(ProjectAccess.Full));
    }

    [Test]
    public async Task Handle_WhenTheMessageIsAboutAllProjects_LeavesThemToTheHandler()
    {
        Assert.That(await HandleAsync(new OfProject(Id: null), Permission.ProjectRead, User(Ada)), Is.EqualTo("handled"));
        Assert.That(context.ProjectAccess, Is.Null);
    }

    private static Caller User(Guid id) => new("ada", "session", IsAdmin: false) { UserId = id };

    private async Task<string> HandleAsync<T>(T message, Permission permission, Caller? caller, ProjectAccess? access = null)
        where T : IRequest<string>
    {
        context.Caller = caller;
        if (access is { } known)
        {
            // What the database says is tested through the API; here it is known already.
            cache.ProjectAccess.Store((caller!.ActorId ?? Guid.Empty, Project), known, cache.ProjectAccess.Begin());
        }

        var db = Mock.Of<IWombatDbContext>(MockBehavior.Strict);
        var projects = new ProjectAccessService(db, context, cache);
        var behavior = new AuthorizationBehavior<T, string>(
            context,
            projects,
            new JobAccessService(db, context, projects, new JobKinds([])),
            new ResourceAccessService(db, projects),
            new CommandAccessService(db, projects),
            new Dictionary<Type, Permission> { [typeof(T)] = permission },
            new JobKinds([]),
            ResourceKinds.In([])
        );
        var handled = false;
        try
        {
            return await behavior.Handle(
                message,
                CancellationToken.None,
                () =>
                {
                    handled = true;
                    return Task.FromResult("handled");
                }
            );
        }
        catch (WombatException)
        {
            Assert.That(handled, Is.False, "the handler of a refused message was called");
            throw;
        }
    }

    private sealed record OfProject(Guid? Id) : IRequest<string>, IProjectScoped
    {
        Guid? IProjectScoped.ProjectId => Id;
    }

    private sealed record OfUser(Guid UserId) : IRequest<string>, IUserScoped;
}
