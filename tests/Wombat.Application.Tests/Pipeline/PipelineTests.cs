using MediatR;
using Microsoft.Extensions.DependencyInjection;
using Moq;
using Wombat.Application.Access;
using Wombat.Application.Persistence;
using Wombat.Application.Users;
using Wombat.Domain.Access;
using Wombat.Domain.Common;
using Wombat.Domain.Users;

namespace Wombat.Application.Tests.Pipeline;

/// <summary>The behaviors around a handler, as <see cref="ApplicationServices"/> registers them.</summary>
public sealed class PipelineTests
{
    private static readonly CreateUser Valid = new("anna", new UserProfile(null, "Anna", PlatformRole.None, Active: true), Password: null);
    private static readonly CreateUser Invalid = Valid with { Login = "Not a login" };
    private static readonly Caller Admin = new("admin-token", Caller.ByToken, IsAdmin: true);
    private static readonly Caller Member = new("ben", Caller.ByToken, IsAdmin: false) { UserId = Guid.NewGuid() };

    private Mock<IRequestHandler<CreateUser, UserDto>> handler = null!;
    private ServiceProvider services = null!;

    [SetUp]
    public void Start()
    {
        handler = new Mock<IRequestHandler<CreateUser, UserDto>>();
        handler.Setup(h => h.Handle(It.IsAny<CreateUser>(), It.IsAny<CancellationToken>())).ReturnsAsync((UserDto)null!);
        services = new ServiceCollection()
            .AddLogging()
            .AddApplication()
            .AddSingleton(TimeProvider.System)
            .AddSingleton<AccessCache>()
            .AddSingleton(Mock.Of<IWombatDbContext>())
            .AddTransient(_ => handler.Object)
            .BuildServiceProvider();
    }

    [TearDown]
    public void Stop() => services.Dispose();

    [Test]
    public void Send_WithoutACaller_IsUnauthenticated()
    {
        Assert.That(() => SendAsync(null, Valid), Throws.TypeOf<UnauthenticatedException>());
        VerifyHandled(Times.Never());
    }

    [Test]
    public void Send_WhenAnonymousLacksThePermission_IsUnauthenticated()
    {
        Assert.That(() => SendAsync(Caller.Anonymous, Valid), Throws.TypeOf<UnauthenticatedException>());
        VerifyHandled(Times.Never());
    }

    [Test]
    public void Send_WhenCallerLacksThePermission_IsForbiddenBeforeValidation()
    {
        Assert.That(() => SendAsync(Member, Invalid), Throws.TypeOf<ForbiddenException>());
        VerifyHandled(Times.Never());
    }

    [Test]
    public void Send_WhenScopeIsTooNarrow_IsForbidden()
    {
        Assert.That(() => SendAsync(Admin with { Scope = TokenScope.Read }, Valid), Throws.TypeOf<ForbiddenException>());
        VerifyHandled(Times.Never());
    }

    [Test]
    public void Send_WhenMessageIsInvalid_NamesTheFields()
    {
        Assert.That(
            () => SendAsync(Admin, Invalid),
            Throws.TypeOf<InvalidInputException>().With.Property(nameof(InvalidInputException.Errors)).ContainKey("login")
        );
        VerifyHandled(Times.Never());
    }

    [Test]
    public async Task Send_WhenAllowedAndValid_CallsTheHandlerOnce()
    {
        await SendAsync(Admin, Valid);
        VerifyHandled(Times.Once());
    }

    private async Task SendAsync(Caller? caller, CreateUser message)
    {
        await using var scope = services.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<RequestContext>().Caller = caller;
        await scope.ServiceProvider.GetRequiredService<IMediator>().Send(message);
    }

    private void VerifyHandled(Times times) => handler.Verify(h => h.Handle(It.IsAny<CreateUser>(), It.IsAny<CancellationToken>()), times);
}
