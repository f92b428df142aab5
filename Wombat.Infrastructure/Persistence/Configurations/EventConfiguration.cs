using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Wombat.Application.Persistence;
using Wombat.Domain.Audit;

namespace Wombat.Infrastructure.Persistence.Configurations;

/// <summary>The migration creates the column xid (default pg_current_xact_id) and its index, which only the sequencer reads.</summary>
internal sealed class EventConfiguration : IEntityTypeConfiguration<Event>
{
    public void Configure(EntityTypeBuilder<Event> builder)
    {
        builder.ToTable("events");
        builder.HasKey(e => e.Id).HasName("pk_events");
        builder.Property(e => e.Id).ValueGeneratedNever();
        builder.Property(e => e.Actor).HasMaxLength(255);
        builder.Property(e => e.Through).HasMaxLength(40);
        builder.Property(e => e.Action).HasMaxLength(100);
        builder.Property(e => e.TargetType).HasMaxLength(40);
        builder.Property(e => e.Outcome).HasMaxLength(20);
        builder.Property(e => e.RequestId).HasMaxLength(64);
        builder.Property(e => e.ClientTraceId).HasMaxLength(64);
        builder.Property(e => e.Address).HasMaxLength(64);
        builder.Property(e => e.Before).HasColumnType("jsonb");
        builder.Property(e => e.After).HasColumnType("jsonb");
    }
}

internal sealed class EventPositionConfiguration : IEntityTypeConfiguration<EventPosition>
{
    public void Configure(EntityTypeBuilder<EventPosition> builder)
    {
        builder.ToTable("event_positions");
        builder.HasKey(p => p.Position).HasName("pk_event_positions");
        builder.Property(p => p.Position).ValueGeneratedNever();
        builder.HasIndex(p => p.EventId).IsUnique().HasDatabaseName("ux_event_positions_event");
        builder.HasIndex(p => new { p.ProjectId, p.Position }).HasDatabaseName("ix_event_positions_project");
    }
}

internal sealed class IdempotentAnswerConfiguration : IEntityTypeConfiguration<IdempotentAnswer>
{
    public void Configure(EntityTypeBuilder<IdempotentAnswer> builder)
    {
        builder.ToTable("idempotent_answers");
        builder.HasKey(a => new { a.Caller, a.Key }).HasName("pk_idempotent_answers");
        builder.Property(a => a.Caller).HasMaxLength(255);
        builder.Property(a => a.Key).HasMaxLength(255);
        builder.HasIndex(a => a.CreatedAt).HasDatabaseName("ix_idempotent_answers_created_at");
    }
}
