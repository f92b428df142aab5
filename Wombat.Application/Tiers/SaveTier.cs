using AutoMapper;
using Cronos;
using FluentValidation;
using MediatR;
using Wombat.Application.Access;
using Wombat.Application.Audit;
using Wombat.Application.Common;
using Wombat.Application.Persistence;
using Wombat.Domain.Access;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;
using Wombat.Domain.Tiers;

namespace Wombat.Application.Tiers;

/// <summary>Creates a tier or replaces what it promises. Existing databases keep what they have until they are resized.</summary>
[RequirePermission(Permission.TierManage)]
public sealed record SaveTier(string Name, string Description, string? Plugin, TierSpec Spec, ExpectedVersions? IfMatch = null)
    : IRequest<TierDto>;

internal sealed class SaveTierValidator : AbstractValidator<SaveTier>
{
    public SaveTierValidator()
    {
        RuleFor(m => m.Name)
            .Must(n => Tier.NameRegex().IsMatch(n))
            .WithMessage($"must be 1 to {Tier.NameMax} of a-z, 0-9 and -, beginning with a letter");
        RuleFor(m => m.Description).MaximumLength(Tier.DescriptionMax).PlainText(multiline: true);
        RuleFor(m => m.Spec.Instances).InclusiveBetween(1, 9).WithMessage("must be from 1 to 9");
        RuleFor(m => m.Spec.CpuMillis).InclusiveBetween(50, 128_000).WithMessage("must be from 0.05 to 128").OverridePropertyName("cpu");
        RuleFor(m => m.Spec.MemoryMib)
            .InclusiveBetween(64, 1024 * 1024)
            .WithMessage("must be from 64 to 1048576 (MiB)")
            .OverridePropertyName("memory");
        RuleFor(m => m.Spec.StorageMib)
            .InclusiveBetween(256, 16 * 1024 * 1024)
            .WithMessage("must be from 256 to 16777216 (MiB)")
            .OverridePropertyName("storage");
        RuleFor(m => m.Spec.StorageClass).MaximumLength(63).PlainText();
        RuleFor(m => m.Spec.PostgresVersion).InclusiveBetween(14, 99).WithMessage("must be a major version from 14");
        RuleFor(m => m.Spec.PoolerInstances).InclusiveBetween(0, 9).WithMessage("must be from 0 to 9");
        RuleFor(m => m.Spec.MaxConnections).InclusiveBetween(5, 10_000).WithMessage("must be from 5 to 10000");
        RuleFor(m => m.Spec.BackupRetentionDays).InclusiveBetween(1, 3650).WithMessage("must be from 1 to 3650");
        RuleFor(m => m.Spec.BackupSchedule)
            .Must(s => s is null || CronExpression.TryParse(s, out _))
            .WithMessage("must be a cron expression of five fields, such as 0 3 * * *");
        RuleFor(m => m.Spec.DrillSchedule)
            .Must(s => s is null || CronExpression.TryParse(s, out _))
            .WithMessage("must be a cron expression of five fields, such as 0 5 * * 0")
            .Must((m, s) => s is null || m.Spec.BackupSchedule is not null)
            .WithMessage("needs a backup_schedule");
        RuleFor(m => m.Spec.GraceDays).InclusiveBetween(0, 365).WithMessage("must be from 0 to 365");
        RuleFor(m => m.Spec.MaxLifetimeDays).InclusiveBetween(1, 3650).WithMessage("must be from 1 to 3650");
        RuleFor(m => m.Spec.ReadyTimeoutSeconds).InclusiveBetween(5, 7200).WithMessage("must be from 5 to 7200");
        RuleForEach(m => m.Spec.Settings)
            .Must(s => TierSettings.Allowed.Contains(s.Key) && TierSettings.IsValue(s.Value))
            .WithMessage(
                (_, s) =>
                    TierSettings.Allowed.Contains(s.Key)
                        ? $"{s.Key} must be 1 to {TierSettings.ValueMax} letters, digits and _ . / + -"
                        : $"must be of {string.Join(", ", TierSettings.Allowed.Order(StringComparer.Ordinal))}"
            );
    }
}

internal sealed class SaveTierHandler(IWombatDbContext db, IMapper mapper, PluginRegistry plugins, AuditLog auditLog, TimeProvider clock)
    : IRequestHandler<SaveTier, TierDto>
{
    public Task<TierDto> Handle(SaveTier request, CancellationToken cancellationToken)
    {
        var able = plugins.All.OfType<IDatabaseProvider>().Select(p => p.Name).ToList();
        return request.Plugin is { } plugin && !able.Contains(plugin, StringComparer.Ordinal)
            ? throw new InvalidInputException("plugin", $"must be one of {string.Join(", ", able)}")
            : db.InTransactionAsync(cancel => SaveAsync(request, cancel), cancellationToken);
    }

    private async Task<TierDto> SaveAsync(SaveTier request, CancellationToken cancel)
    {
        var tier = await db.LockTierAsync(request.Name, exclusive: true, cancel);
        request.IfMatch?.Ensure(tier?.Version ?? 0);
        var before = tier is null ? null : mapper.Map<TierDto>(tier);
        if (tier is null)
        {
            tier = Tier.Create(request.Name, clock.GetUtcNow());
            db.Tiers.Add(tier);
        }

        tier.Change(request.Description, request.Plugin, request.Spec, clock.GetUtcNow());
        var after = mapper.Map<TierDto>(tier);
        auditLog.Record(EventAction.TierSaved, "tier", Guid.Empty, null, before, after);
        await db.SaveChangesAsync(cancel);
        return after;
    }
}
