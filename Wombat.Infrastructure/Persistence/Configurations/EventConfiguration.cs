using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Wombat.Domain.Audit;

namespace Wombat.Infrastructure.Persistence.Configurations;

/// <summary>The migration creates the column xid (default pg_current_xact_id) and its index; only the sequencer reads them.</summary>
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
