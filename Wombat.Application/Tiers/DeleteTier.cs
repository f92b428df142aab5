using AutoMapper;
using MediatR;
using Microsoft.EntityFrameworkCore;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;
using Wombat.Domain.Resources;

namespace Wombat.Application.Tiers;

/// <summary>Deletes a tier that no database uses.</summary>
[RequirePermission(Permission.TierManage)]
public sealed record DeleteTier(string Name) : IRequest;

internal sealed class DeleteTierHandler(IWombatDbContext db, IMapper mapper, AuditLog auditLog) : IRequestHandler<DeleteTier>
{
    public async Task<Unit> Handle(DeleteTier request, CancellationToken cancellationToken)
    {
        await db.InTransactionAsync(cancel => DeleteAsync(request.Name, cancel), cancellationToken);
        return Unit.Value;
    }

    private async Task<int> DeleteAsync(string name, CancellationToken cancel)
    {
        var tier = await db.LockTierAsync(name, exclusive: true, cancel) ?? throw new NotFoundException("tier");
        var users = await db.Databases.CountAsync(
            d => JsonColumn.Text(d.Spec, "tier") == name && (d.Status != ResourceStatus.Deleted || d.RestorableUntil != null),
            cancel
        );
        if (users > 0)
        {
            throw new ConflictException(
                ErrorCode.TierInUse,
                $"{users} databases have the tier {name}, deleted ones that can be restored included."
            );
        }

        db.Tiers.Remove(tier);
        auditLog.Record(EventAction.TierDeleted, "tier", Guid.Empty, null, before: mapper.Map<TierDto>(tier));
        return await db.SaveChangesAsync(cancel);
    }
}
