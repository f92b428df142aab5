using AutoMapper;
using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Application.Pipeline;
using Wombat.Application.Resources;
using Wombat.Domain.Common;
using Wombat.Domain.Users;

namespace Wombat.Application.Users;

/// <summary>Changes a user. One who is no longer active loses every session and token at once; history stays.</summary>
/// <param name="Login">Immutable: null, or as it is.</param>
/// <param name="IfMatch">The versions that the caller has seen; null to change whatever is there.</param>
[Requires(Permission.UserManage)]
public sealed record UpdateUser(Guid Id, string? Login, UserProfile Details, ExpectedVersions? IfMatch) : IRequest<UserDto>;

internal sealed class UpdateUserValidator : AbstractValidator<UpdateUser>
{
    public UpdateUserValidator() => RuleFor(m => m.Details).SetValidator(new UserProfileValidator());
}

internal sealed class UpdateUserHandler(IWombatDbContext db, IMapper mapper, MemberKeys keys, Journal journal, RequestContext context, TimeProvider clock) : IRequestHandler<UpdateUser, UserDto>
{
    public Task<UserDto> Handle(UpdateUser request, CancellationToken cancellationToken) => db.InTransactionAsync(async cancel =>
    {
        var user = await db.Users.SingleOrDefaultAsync(u => u.Id == request.Id, cancel) ?? throw new NotFoundException("user");
        request.IfMatch?.Ensure(user.Version);

        if (request.Login is { } login && login != user.Login)
        {
            throw new InvalidInputException("login", "cannot be changed");
        }

        if (user.Id == context.Caller!.UserId && (!request.Details.Active || request.Details.PlatformRole != user.PlatformRole))
        {
            throw new ConflictException("own_account", "Nobody takes away their own account or role; another admin can.");
        }

        var before = mapper.Map<UserDto>(user);
        var now = clock.GetUtcNow();
        user.Update(request.Details with { FullName = await db.NormalizeNameAsync("full_name", request.Details.FullName, User.FullNameMax, cancel) }, now);
        if (before.Active && !user.Active)
        {
            await Credentials.VoidAsync(db, [user.Id], now, cancel);
        }

        if (before.Active != user.Active)
        {
            await keys.ChangedForAsync([user.Id], cancel);
        }

        var after = mapper.Map<UserDto>(user);
        journal.Record(before.Active && !user.Active ? "user.deactivated" : "user.updated", "user", user.Id, projectId: null, before, after);
        await db.SaveChangesAsync(cancel);
        return after;
    }, cancellationToken);
}
