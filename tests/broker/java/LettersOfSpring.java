import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.listener.DeadLetterPublishingRecoverer;
import org.springframework.kafka.listener.ListenerExecutionFailedException;
import org.springframework.kafka.support.KafkaHeaders;
import org.springframework.kafka.support.SimpleKafkaHeaderMapper;
import org.springframework.messaging.MessageHeaders;

/** Spring Kafka's own classes: `write` sends the records of a topic away, `read` says what they read of a queue. */
public class LettersOfSpring {
    /** Way, bootstrap, topic, records. */
    public static void main(String[] words) {
        int wanted = Integer.parseInt(words[3]);
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", words[1], "auto.offset.reset", "earliest"),
                new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> places = consumer.partitionsFor(words[2]).stream()
                .map(one -> new TopicPartition(one.topic(), one.partition())).toList();
            consumer.assign(places);
            consumer.seekToBeginning(places);
            DeadLetterPublishingRecoverer recoverer = words[0].equals("write") ? recoverer(words[1]) : null;
            int seen = 0;
            while (seen < wanted) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    seen++;
                    if (recoverer != null) {
                        recoverer.accept(record, null, new ListenerExecutionFailedException(
                            "Listener failed", "billing", new IllegalStateException("no price")));
                    } else {
                        System.out.println(read(record));
                    }
                }
            }
        }
        System.exit(0);
    }

    static DeadLetterPublishingRecoverer recoverer(String bootstrap) {
        Map<String, Object> settings = new HashMap<>(Map.of("bootstrap.servers", bootstrap));
        return new DeadLetterPublishingRecoverer(new KafkaTemplate<>(
            new DefaultKafkaProducerFactory<>(settings, new ByteArraySerializer(), new ByteArraySerializer())));
    }

    static String read(ConsumerRecord<byte[], byte[]> record) {
        Map<String, Object> headers = new HashMap<>();
        new SimpleKafkaHeaderMapper().toHeaders(record.headers(), headers);
        MessageHeaders said = new MessageHeaders(headers);
        return String.join("\t",
            text(said, KafkaHeaders.DLT_ORIGINAL_TOPIC),
            String.valueOf(ByteBuffer.wrap(said.get(KafkaHeaders.DLT_ORIGINAL_PARTITION, byte[].class)).getInt()),
            String.valueOf(ByteBuffer.wrap(said.get(KafkaHeaders.DLT_ORIGINAL_OFFSET, byte[].class)).getLong()),
            String.valueOf(ByteBuffer.wrap(said.get(KafkaHeaders.DLT_ORIGINAL_TIMESTAMP, byte[].class)).getLong()),
            text(said, KafkaHeaders.DLT_ORIGINAL_TIMESTAMP_TYPE),
            text(said, KafkaHeaders.DLT_EXCEPTION_MESSAGE));
    }

    static String text(MessageHeaders headers, String name) {
        byte[] value = headers.get(name, byte[].class);
        return value == null ? "null" : new String(value, java.nio.charset.StandardCharsets.UTF_8);
    }
}
