using System.Text.Json.Serialization;
using AutoMapper;
using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Jobs;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Directories;
using Wombat.Domain.Users;

namespace Wombat.Application.Users;

/// <param name="Password">Null when the user signs in elsewhere. Not part of the idempotency fingerprint, since no fast hash of a password
/// is stored.</param>
[RequirePermission(Permission.UserManage)]
public sealed record CreateUser(string Login, UserProfile Details, [property: JsonIgnore] string? Password)
    : IRequest<UserDto>,
        IIdempotentCommand;

internal sealed class CreateUserValidator : AbstractValidator<CreateUser>
{
    public CreateUserValidator()
    {
        RuleFor(m => m.Login).Login();
        RuleFor(m => m.Details).SetValidator(new UserProfileValidator());
    }
}

internal sealed class CreateUserHandler(
    IWombatDbContext db,
    IMapper mapper,
    AuditLog auditLog,
    IPasswords passwords,
    IDirectory directory,
    JobScheduler jobs,
    TimeProvider clock
) : IRequestHandler<CreateUser, UserDto>
{
    public async Task<UserDto> Handle(CreateUser request, CancellationToken cancellationToken)
    {
        var hash = request.Password is { } password ? passwords.HashNew("password", password, request.Login, request.Details) : null;
        var profile = request.Details with
        {
            FullName = await db.NormalizeNameAsync("full_name", request.Details.FullName, User.FullNameMax, cancellationToken),
        };
        var user = User.Create(request.Login, profile, clock.GetUtcNow(), hash);
        var dto = mapper.Map<UserDto>(user);
        db.Users.Add(user);
        auditLog.Record(EventAction.UserCreated, "user", user.Id, projectId: null, after: dto);
        if (directory.IsWritten)
        {
            jobs.Enqueue(DirectoryAddJob.Kind, new DirectoryAddJobArgs(user.Id));
        }

        await db.SaveChangesAsync(cancellationToken);
        return dto;
    }
}
