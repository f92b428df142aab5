using AutoMapper;
using FluentValidation;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Containers;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;
using Wombat.Domain.Users;

namespace Wombat.Application.Users;

/// <param name="Name">The name; null to use the key's comment.</param>
[RequirePermission(Permission.AccountManage)]
public sealed record AddSshKey(Guid UserId, string? Name, string PublicKey) : IRequest<SshKeyDto>, IUserScoped, IIdempotentCommand;

internal sealed class AddSshKeyValidator : AbstractValidator<AddSshKey>
{
    public AddSshKeyValidator()
    {
        RuleFor(m => m.Name)
            .MaximumLength(SshKey.NameMax)
            .WithMessage($"must have at most {SshKey.NameMax} characters")
            .Must(n => n is null || n.Trim().Length > 0)
            .WithMessage("must not be empty")
            .PlainText();
        RuleFor(m => m.PublicKey).PublicKey();
    }
}

internal sealed class AddSshKeyHandler(IWombatDbContext db, IMapper mapper, ProjectSshKeys keys, AuditLog auditLog, TimeProvider clock)
    : IRequestHandler<AddSshKey, SshKeyDto>
{
    public Task<SshKeyDto> Handle(AddSshKey request, CancellationToken cancellationToken) =>
        db.InTransactionAsync(cancel => AddAsync(request, cancel), cancellationToken);

    private async Task<SshKeyDto> AddAsync(AddSshKey request, CancellationToken cancellationToken)
    {
        // Locked because the keys are counted.
        await db.LockUserAsync(request.UserId, cancellationToken);
        if (await db.SshKeys.CountAsync(k => k.UserId == request.UserId, cancellationToken) >= SshKey.KeysOfUserMax)
        {
            throw new ConflictException(ErrorCode.TooManyKeys, $"A user can have at most {SshKey.KeysOfUserMax} keys. Delete one first.");
        }

        var key = SshKey.Create(request.UserId, request.Name, SshPublicKey.Parse(request.PublicKey, out _)!, clock.GetUtcNow());
        var dto = mapper.Map<SshKeyDto>(key);
        db.SshKeys.Add(key);
        auditLog.Record(EventAction.SshKeyAdded, "user", key.UserId, projectId: null, after: dto);
        await keys.EnqueueUpdatesForUsersAsync([key.UserId], cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        return dto;
    }
}
